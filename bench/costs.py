"""Looks for requests that cost most: `python bench/costs.py [SECONDS] [SEED] [DIRECTORY]`.

Makes requests by recipes, answers them in this process, changes the genes of those that took
most processor time, in all or for each of their bytes, and goes on from there. Prints the twenty
that took most, few of each recipe, and writes them into the directory if one is named.
"""

from __future__ import annotations

import base64
import gc
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from costly import RECIPES, Call, Genes, Materials, encoded
from scapy_server.rpc import Dispatcher
from scapy_server.services.packets.loading import load_dispatcher

KEPT = 20
OF_A_RECIPE = 3
PARENTS = 6  # of each recipe, by each measure

Recipe = Callable[[Genes, Materials], Call]


@dataclass(frozen=True)
class Found:
    """A request and its processor time in seconds."""

    recipe: Recipe
    genes: Genes
    request: bytes
    cost: float
    error: str

    @property
    def per_byte(self) -> float:
        return self.cost / len(self.request)


class Search:
    """Keeps the best of each recipe, and makes others of them."""

    def __init__(self, dispatcher: Dispatcher, chance: random.Random) -> None:
        self._dispatcher = dispatcher
        self._chance = chance
        protocols = self._ask("get_definitions", [])["result"]["protocols"]
        layers = [protocol["id"] for protocol in protocols]
        self._materials = Materials(layers, self._frame_of)
        self._found: dict[Recipe, list[Found]] = {recipe: [] for recipe in RECIPES}

    def _ask(self, method: str, params: list[Any]) -> Any:
        return json.loads(self._dispatcher.handle(encoded((method, params))).data)

    def _frame_of(self, model: list[Any]) -> bytes:
        result = self._ask("build_pkt", [model]).get("result")
        return base64.b64decode(result["binary"]) if result else b""

    def step(self) -> None:
        """Try one more request."""
        recipe = self._chance.choice(RECIPES)
        known = self._found[recipe]
        if known and self._chance.random() < 0.7:
            genes = self._chance.choice(known).genes.changed(self._chance)
        else:
            genes = Genes.new(self._chance)
        request = encoded(recipe(genes, self._materials))
        begin = time.process_time()
        reply = json.loads(self._dispatcher.handle(request).data)
        cost = time.process_time() - begin
        text = str(reply.get("error", {}).get("message", ""))[:70]
        known.append(Found(recipe, genes.again(), request, cost, text))
        best = sorted(known, key=lambda each: each.cost, reverse=True)[:PARENTS]
        dense = sorted(known, key=lambda each: each.per_byte, reverse=True)[:PARENTS]
        self._found[recipe] = [*best, *(each for each in dense if each not in best)]

    def worst(self) -> list[Found]:
        """Those that cost most, few of each recipe."""
        everything = [each for found in self._found.values() for each in found]
        counted: Counter[Recipe] = Counter()
        kept = []
        for each in sorted(everything, key=lambda each: each.cost, reverse=True):
            counted[each.recipe] += 1
            if counted[each.recipe] <= OF_A_RECIPE:
                kept.append(each)
        return kept[:KEPT]


def main() -> None:
    """Search, and tell what was found."""
    seconds, seed = float([*sys.argv, "60"][1]), int([*sys.argv, "60", "1"][2])
    dispatcher = load_dispatcher((), (), ())
    gc.collect()
    gc.freeze()  # as a worker does, which never looks for garbage in what was loaded
    search = Search(dispatcher, random.Random(seed))
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        search.step()
    for number, found in enumerate(search.worst()):
        name = found.recipe.__name__
        print(f"{found.cost:6.2f} s {len(found.request):8} bytes  {name:12} {found.error}")
        if len(sys.argv) > 3:
            (Path(sys.argv[3]) / f"{number:02}.json").write_bytes(found.request)


if __name__ == "__main__":
    main()

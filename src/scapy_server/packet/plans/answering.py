"""Answering with packets: by a plan where there is one, else the long way.

Both give the same JSON, byte for byte. What comes again gets a plan, which takes as long
to make as a few packets do. A plan only saves time, so no failure to make one costs an answer.
"""

from __future__ import annotations

import binascii
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET
from msgspec.structs import replace
from scapy.layers.l2 import Ether

from scapy_server import work
from scapy_server.captures.link_types import ETHERNET
from scapy_server.errors import RefusedError
from scapy_server.packet.codec import PacketCodec
from scapy_server.packet.frames.tracer import TracedLayer
from scapy_server.packet.plans.book import PlanBook
from scapy_server.packet.plans.build_planner import Planner
from scapy_server.packet.plans.kept import BuildPlan, Example, Learned, RewritePlan
from scapy_server.packet.plans.layers.common import common_frames
from scapy_server.packet.plans.layers.layer_book import LayerBook
from scapy_server.packet.plans.long_way import LongWay, Reached
from scapy_server.packet.plans.read_work import work_of_line, work_of_tree
from scapy_server.packet.plans.remembered import Remembered
from scapy_server.packet.plans.rewrite_planner import RewritePlanner
from scapy_server.packet.plans.vary_planner import VaryPlanner

#: How often a shape has come of which a plan is made: for the second time where that saves the
#: long way, and where its layers are known and little is saved, when it has come often.
AGAIN, OFTEN = 2, 64


class Answer(NamedTuple):
    """The JSON of a packet or of its line. `problem` says why some of a captured frame could
    not be dissected, `learned` is the plan that was made with it, and `work` what it takes to
    read the frame the long way, as about so many fields: equal frames are as much work."""

    json: bytes
    problem: str | None = None
    learned: Learned | None = None
    work: int = 1


class PacketBuilder:
    """From packet models as they came in to the JSON of a `PacketResult`.

    Every method raises what `parse_model` and the codec raise. `plans` is what has been
    learnt so far; it changes how fast answers are, never what they are.
    """

    def __init__(self, codec: PacketCodec) -> None:
        self.plans = PlanBook()
        self._codec = codec
        self._long_way = LongWay(codec)
        self._planner = Planner(codec)
        self._rewrite_planner = RewritePlanner(codec)
        self._vary_planner = VaryPlanner(codec, self._planner, self._rewrite_planner)
        self._encode = msgspec.json.Encoder().encode
        self._layers = LayerBook(codec.registry)
        self._layers.learn_from(Ether, common_frames())
        self._trees: Remembered[Answer] = Remembered()
        self._lines: Remembered[Answer] = Remembered()

    def build(self, raw_model: Any, link_type: int | None = None) -> Answer:
        """The packet that a model describes, read as a frame of a link type if one is given."""
        if link_type is not None:
            return Answer(self.build_long(raw_model, link_type))
        planned = self.plans.built(raw_model)
        if planned is not None:
            return Answer(planned)
        work.check()
        built = self._long_way.build(raw_model)
        wanted = self.plans.wants_build(raw_model)
        return Answer(built.json, learned=self._learnt_from(raw_model, None, wanted, built))

    def build_long(self, raw_model: Any, link_type: int | None = None) -> bytes:
        """As `build`, without plans, of which this alone may be costly."""
        work.check()
        return self._long_way.build(raw_model, link_type).json

    def reconstruct(self, frame: bytes, raw_changes: Any, link_type: int = ETHERNET) -> Answer:
        """A frame with changes."""
        if link_type != ETHERNET:
            return Answer(self.reconstruct_long(frame, raw_changes, link_type))
        planned = self.plans.rewritten(frame, raw_changes)
        if planned is not None:
            return Answer(planned)
        rebuilt = self._long_way.reconstruct(frame, raw_changes)
        wanted = self.plans.wants_rewrite(frame, raw_changes)
        return Answer(rebuilt.json, learned=self._learnt_from(raw_changes, frame, wanted, rebuilt))

    def reconstruct_long(self, frame: bytes, raw_changes: Any, link_type: int = ETHERNET) -> bytes:
        """As `reconstruct`, without plans."""
        return self._long_way.reconstruct(frame, raw_changes, link_type).json

    def dissect(self, frame: bytes, link_type: int) -> Answer:
        """A captured frame: the JSON of a `PacketResult`, as `reconstruct` without changes."""
        planned = self.plans.read(frame) if link_type == ETHERNET else None
        if planned is not None:
            json, work_to_read = planned
            return Answer(json, None, None, work_to_read)
        found = self._trees.get(frame, link_type)
        if found is not None:
            return found
        answer = self._by_layers(frame, link_type)
        if answer is None:
            answer = self._read(self._trees, frame, link_type, self._tree)
        else:
            self._trees.keep(frame, link_type, answer, len(answer.json))
        if answer.problem is not None or link_type != ETHERNET:
            return answer
        return answer._replace(learned=self._read_learnt(frame, OFTEN))

    def summarise(self, frame: bytes, link_type: int) -> Answer:
        """A captured frame in one line: the JSON of a `Summary`."""
        planned = self.plans.summarised(frame) if link_type == ETHERNET else None
        if planned is not None:
            json, work_to_read = planned
            return Answer(json, None, None, work_to_read)
        found = self._lines.get(frame, link_type)
        if found is not None:
            return found
        answer = self._read(self._lines, frame, link_type, self._line)
        if answer.problem is not None or link_type != ETHERNET:
            return answer
        return answer._replace(learned=self._read_learnt(frame))

    def _by_layers(self, frame: bytes, link_type: int) -> Answer | None:
        """The field tree of a frame whose layers all have plans."""
        try:
            shown = self._layers.read(self._codec.root_of(frame, link_type), frame)
        except RefusedError:
            return None
        if shown is None:
            return None
        json = b'{"data":[%s],"binary":"%s"}' % (
            b",".join(shown.layers),
            binascii.b2a_base64(frame, newline=False),
        )
        return Answer(json, work=shown.work)

    def _read(
        self,
        known: Remembered[Answer],
        frame: bytes,
        link_type: int,
        read: Callable[[bytes, list[TracedLayer]], Answer],
    ) -> Answer:
        """What the long way gives, to be remembered."""
        answer = read(frame, self._codec.trace(frame, link_type))
        known.keep(frame, link_type, answer, len(answer.json))
        return answer

    def _tree(self, frame: bytes, real: list[TracedLayer]) -> Answer:
        tree = self._codec.tree_of(frame, real)
        result = tree.result(self._layers.shown)
        json = self._encode(replace(result, problem=UNSET))
        its_work = work_of_tree(json, real, tree.written)
        return Answer(json, result.problem or None, work=its_work)

    def _line(self, frame: bytes, real: list[TracedLayer]) -> Answer:
        summary = self._codec.sum_up(real)
        json = self._encode(replace(summary, problem=UNSET))
        return Answer(json, summary.problem or None, work=work_of_line(real))

    def _read_learnt(self, frame: bytes, least: int = AGAIN) -> Learned | None:
        """A plan for frames without changes as this one, when these have come so often."""
        if not self.plans.wants_rewrite(frame, [], least):
            return None
        return self._learnt(lambda: self._rewrite_planner.plan(frame, []))

    def _learnt_from(
        self, model: Any, frame: bytes | None, wanted: bool, reached: Reached
    ) -> Learned | None:
        """A plan for all that differs from an example in literals, or the one that is wanted.

        `reached` is what the long way gave for the model, or for such changes of the frame.
        """
        kind = self.plans.kind(model, frame) if model else None
        if kind is not None and self.plans.wants_varied(kind):
            example = kind.example
            if example is None:
                wanted = True
            elif varied := self._learnt(
                lambda: self._vary_planner.vary(example, model, frame, reached)
            ):
                return varied
        learned = self._learnt(lambda: self._plan(model, frame, reached)) if wanted else None
        if kind is not None and isinstance(learned, BuildPlan | RewritePlan):
            self.plans.remember(kind, Example(model, learned))
        return learned

    def _plan(
        self, model: Any, frame: bytes | None, reached: Reached
    ) -> BuildPlan | RewritePlan | None:
        if frame is None:
            return self._planner.plan(model, reached)
        return self._rewrite_planner.plan(frame, model, reached)

    def _learnt(self, plan: Callable[[], Learned | None]) -> Learned | None:
        try:
            learned = plan()
        except MemoryError:
            raise
        except Exception:  # a class of Scapy's that cannot even be watched
            return None
        if learned is not None:
            self.plans.learn(learned)
        return learned

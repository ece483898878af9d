"""The row of a field, drawn in one piece by the browser."""

from __future__ import annotations

from nicegui import ui
from nicegui.events import GenericEventArguments


class FieldLine(ui.input, component="field_line.js"):
    """A field's name, its input (where it is `editable`) and what is told about it.

    See the component for what it emits. What else belongs to the row is put into it.
    """

    def __init__(self, path: str, name: str, depth: int, editable: bool) -> None:
        super().__init__()
        for unknown in ("for", "type", "_autocomplete"):
            self._props.pop(unknown, None)
        self.tell(path=path, name=name, depth=depth, editable=editable)

    def _event_args_to_value(self, e: GenericEventArguments) -> str:
        """What is typed; how far that has been heard goes along with what is sent back."""
        with self._props.suspend_updates():
            self._props["heard"] = int(e.args["change"])
        return str(e.args["text"])

    def tell(self, **parts: str | bool | int) -> None:
        """Change some of what stands in the row; what is as it was is not drawn again."""
        for name, part in parts.items():
            if self._props.get(name) != part:
                self._props[name] = part

    def refuse(self, invalid: ui.label | None) -> None:
        """Mark what is typed as refused, for what a label says; or no more."""
        self.tell(invalid="" if invalid is None else invalid.html_id)

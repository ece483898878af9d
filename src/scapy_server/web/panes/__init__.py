"""What a page of the editor is made of, each pane a component over the seat.

Nouns: a **pane** (shows one side of the document at which its seat looks, and asks the seat for
edits), a **dialog** (asks the person for something first), a **menu** (offers what is known).

`web.editor` puts them on its page; a pane knows the seat, the shelf and what is known of the
packet server, and never another page. What an edit refuses is shown where it was asked for, as
the sentence of the refusal.
"""

"""The packet editor in a browser: pages and components over the desk.

Nouns: the **shelf** (documents that are open, live for everyone who looks at them), a **seat**
(one page at one document: its selection, and its edits one after the other), the **link**
(questions to the packet server, through the client), **panes** (what a page is made of).

`cli` starts it by `application.serve`. It speaks to the packet server through `client` alone,
reads uploads with the strict readers of `captures` and `streams`, and touches no file but those
in the directory of templates that the person named. What a page shows of packets is text,
never markup.
"""

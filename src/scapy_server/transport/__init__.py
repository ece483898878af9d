"""Between the network and a service: sockets, who may connect, and whose turn it is.

Nouns: a **message** is the frames that come together, with the client's **envelope**
around a request; a **job** is a request that has no reply yet; the **front** takes messages
in and answers each exactly once. It knows of no service.
"""

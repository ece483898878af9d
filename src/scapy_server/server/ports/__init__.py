"""The ports service put together: data planes, control plane, sockets, and who is told.

`settings` is what the operator asked for, `setup` makes ports and links from it, `backend`
runs the control plane behind the front, `doorbell` rings when there are events, and `service`
starts and stops all of it. Raises StartError when it cannot start.
"""

"""`python -m scapy_server` is the command `scapy-server`."""

from scapy_server.cli import main

if __name__ == "__main__":
    main()

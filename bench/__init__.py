"""How fast it is: commits a second and query times against a server of its own, or any other.

`python -m bench` (`make bench`) starts a server on a temporary folder, loads synthetic residents, measures, and prints
one markdown table with the machine it ran on. `--url` measures a server that is already running.
"""

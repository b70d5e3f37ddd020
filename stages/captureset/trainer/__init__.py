"""The trainer's side: ultralytics as a stranger that reads our YOLO export and trains on it.

It runs offline in a process of its own, in a folder that is thrown away.
It is AGPL-3.0 and comes with the extra `train`.
"""

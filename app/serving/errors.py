"""What can go wrong before or around the servers. Shown to people as it is.

ServingError
├── ProfileError          configs/servers.toml holds something that cannot be used
│   └── UnknownProfile    a profile of that name is not there
├── MemoryTooSmall        the servers of a profile do not fit, with the figures
├── LauncherRuns          another launcher already keeps servers
├── LogUnwritable         a process has no place for its log: a full disk, a folder of somebody else's
├── StateUnwritable       the launcher has no place for its lock and its state
└── SimulatorFailed       the simulator did not come up
"""

from __future__ import annotations


class ServingError(Exception):
    """The message names the thing, the value, what is allowed and the next step."""


class ProfileError(ServingError):
    pass


class UnknownProfile(ProfileError):
    pass


class MemoryTooSmall(ServingError):
    pass


class LauncherRuns(ServingError):
    pass


class LogUnwritable(ServingError):
    pass


class StateUnwritable(ServingError):
    pass


class SimulatorFailed(ServingError):
    pass

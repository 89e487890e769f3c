"""Run a Supervisor over fake servers in a process of its own, as scripts/launch.py does over real ones.

python keep_servers.py STATE_DIR '[{"name": "text", "port": 9000, "arguments": ["--behave", "oom"]}, ...]'
"""

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1]))

from app.serving import LauncherRuns, ServerCommand, ServerRole, Supervisor, VllmSpec  # noqa: E402
from app.serving.kept_server import WatchPolicy  # noqa: E402
from app.serving.server_specs import ModelFacts  # noqa: E402

FAKE = ModelFacts("fake", "org/fake", "fake", 1.0, 1000, 1.0, 4096)


def main():
    state_dir, servers = Path(sys.argv[1]), json.loads(sys.argv[2])
    commands = []
    for server in servers:
        role = ServerRole(server["name"])
        spec = VllmSpec(role=role, served_name="fake", name=server["name"], port=server["port"], model=FAKE)
        argv = (
            sys.executable,
            str(HERE / "fake_server.py"),
            "--port",
            str(server["port"]),
            *server.get("arguments", []),
        )
        log = state_dir / f"{spec.name}.log"
        commands.append(ServerCommand(spec, argv, {}, log, start_after=server.get("after")))
    supervisor = Supervisor(
        "test",
        "as asked",
        commands,
        state_dir=state_dir,
        tell=lambda line: print(line, flush=True),
        policy=WatchPolicy(restart_delay_s=0.1, lost_after_s=1.0, health_every_s=0.2),
    )
    try:
        sys.exit(supervisor.run())
    except LauncherRuns as error:
        print(error, flush=True)
        sys.exit(4)


main()

"""`hub demo`: the main job, done for real and shown."""

from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the command to the application."""
    app.command("demo")(demo)


def demo(
    stay: Annotated[bool, typer.Option("--stay", help="演示后不停止服务 / leave the stack running")] = False,
) -> int:
    """三个演示平台真实地发送数据，Airflow 真实地处理 / three demo platforms send, Airflow does the work."""
    from exchange_hub.demo.run import run_demo

    return run_demo(stay=stay)

"""The `duoceng` command: no logic, only words in and words out."""


def main() -> None:
    """Run the command line."""
    from duoceng.cli.app import run

    run()

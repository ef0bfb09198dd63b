"""``tunegraph serve`` and ``tunegraph keys``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui.cli.options import Home, Json

if TYPE_CHECKING:
    from ui.api.keys import KeyRing

keys = typer.Typer(help="Make, list and revoke the keys of the API.", no_args_is_help=True)


def command(
    host: Annotated[str, typer.Option(help="Address to listen on. Others than loopback need a key.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any that is free.")] = 8000,
    rate: Annotated[float, typer.Option(min=0, help="Requests a minute of one caller; 0: no limit.")] = 600.0,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Proposals that are worked on at once.")] = 2,
    max_upload: Annotated[int, typer.Option(min=1, max=4096, help="Megabytes of a table.")] = 64,
    cors_origin: Annotated[
        list[str] | None, typer.Option(help="An origin whose pages may call the API; none unless given.")
    ] = None,
    home: Home = None,
) -> None:
    """Serve the graph and the recommender over HTTP, on this machine only unless told otherwise.

    Callers may let a language model draft where TUNEGRAPH_LLM names one, such as openai:MODEL.
    """
    import os

    from ui.api import ApiSettings
    from ui.api.serving import serve
    from ui.api.settings import MIB
    from ui.compose import Settings, Tunegraph
    from ui.options import MODEL_URL_VARIABLE, MODEL_VARIABLE

    settings = ApiSettings(
        host=host, port=port, requests_per_minute=rate, n_workers=workers, max_upload_bytes=max_upload * MIB,
        cors_origins=tuple(cors_origin or ()), llm=os.environ.get(MODEL_VARIABLE) or None,
        llm_base_url=os.environ.get(MODEL_URL_VARIABLE) or None,
    )  # fmt: skip
    tunegraph = Tunegraph(
        Settings.from_environment(home), progress=lambda text: print(text, file=sys.stderr, flush=True)
    )
    serve(tunegraph, settings, told=lambda text: print(text, file=sys.stderr, flush=True))


@keys.command("add")
def add(
    name: Annotated[str, typer.Argument(help="What the key is for; names it when it is revoked.")],
    scope: Annotated[
        list[str] | None, typer.Option(help="read, write; read if none is given. May be given twice.")
    ] = None,
    home: Home = None,
) -> None:
    """Make a key and print it. It cannot be shown again: what is kept is a hash."""
    from kg.errors import InputError
    from ui.api.keys import Scope

    given = scope or ["read"]
    if unknown := [one for one in given if one not in list(Scope)]:
        raise InputError(f"There is no scope {unknown[0]!r}.", where="--scope", allowed=", ".join(Scope))
    key = _ring(home).add(name, [Scope(one) for one in given])
    print("Keep it now: it cannot be shown again.", file=sys.stderr)
    print(key)


@keys.command("list")
def list_keys(
    as_json: Json = False,
    home: Home = None,
) -> None:
    """List the keys: name, id, scopes, when they were made."""
    import json

    records = _ring(home).records()
    if as_json:
        shown = [record.model_dump(mode="json", include={"id", "name", "scopes", "created"}) for record in records]
        print(json.dumps(shown, indent=2))
        return
    if not records:
        print("There is no key: the API answers this machine only, from the public part of the graph.")
    for record in records:
        print(f"{record.name}  {record.id}  {','.join(record.scopes)}  {record.created:%Y-%m-%d}")


@keys.command("revoke")
def revoke(
    name: Annotated[str, typer.Argument(help="Name or id of the key.")],
    home: Home = None,
) -> None:
    """Take a key out: the next request that shows it is refused."""
    record = _ring(home).revoke(name)
    print(f"Revoked {record.name}.")


def _ring(home: Path | None) -> KeyRing:
    from ui.api.keys import KeyRing
    from ui.compose import Settings

    return KeyRing(Settings.from_environment(home).home)

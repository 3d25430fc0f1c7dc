"""`zhuban desk`: serve the desk; its users, tokens and packs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from engine.errors import InputError, ZhubanError

if TYPE_CHECKING:
    from desk.database import Database

__all__ = ["desk", "open_database"]

_BY = "命令行"


def _db_option(function: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--db", metavar="URL", help="数据库：sqlite:///路径 或 postgresql://… / database")(function)


def _imported() -> None:
    try:
        import desk.app  # noqa: F401
    except ModuleNotFoundError as error:
        raise ZhubanError(f"缺少 {error.name}；请先 pip install 'zhuban[desk]'") from None


def open_database(db: str | None) -> Database:
    _imported()
    from desk.database import Database
    from desk.settings import read_settings

    database = Database(read_settings(None, db=db).db)
    database.migrate()
    return database


@click.group(invoke_without_command=True)
@click.option("--host", default="127.0.0.1", show_default=True, help="监听地址 / address")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="端口 / port")
@click.option("--config", type=click.Path(path_type=Path), envvar="ZHUBAN_DESK_CONFIG", help="desk.toml，各项见 docs/deploy.md")
@click.option("--pack", metavar="NAME|DIR", help="规则包 / rule pack")
@click.option("--workers", type=click.IntRange(1, 64), help="进程数 / worker processes")
@click.option("--samples", is_flag=True, help="用临时数据库装入样例工单 / sample orders in a temporary database")
@_db_option
@click.pass_context
def desk(
    context: click.Context,
    host: str,
    port: int,
    config: Path | None,
    pack: str | None,
    workers: int | None,
    samples: bool,
    db: str | None,
) -> None:
    """派单台：网页与接口 / the web desk and HTTP API.

    例：zhuban desk --port 8000
    """
    if context.invoked_subcommand is not None:
        if db is not None:
            raise InputError("--db 请写在子命令后面，如 zhuban desk user list --db …")
        return
    _imported()
    import tempfile

    from desk.serve import check_port, load_samples, serve
    from desk.settings import read_settings

    if not samples:
        serve(read_settings(config, db=db, pack=pack, workers=workers), host, port)
        return
    if db is not None:
        raise InputError("--samples 用自己的临时数据库，不能与 --db 同用")
    check_port(host, port)
    with tempfile.TemporaryDirectory(prefix="zhuban-desk-") as folder:
        settings = read_settings(config, db=f"sqlite:///{folder}/desk.sqlite", pack=pack, workers=workers)
        password = load_samples(settings)
        click.echo(f"样例工单已装入临时数据库。用户：演示  密码：{password}")
        serve(settings, host, port)


@desk.group()
def user() -> None:
    """用户 / users.

    例：zhuban desk user list
    """


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    given: str = click.prompt("密码", hide_input=True, confirmation_prompt="再输一次", err=True)
    return given


@user.command("add")
@click.argument("name")
@click.option("--role", required=True, type=click.Choice(["clerk", "unit", "auditor", "admin"]), help="角色 / role")
@click.option("--unit", help="单位全称（承办单位用户） / unit, for role unit")
@click.option("--password-stdin", is_flag=True, help="从标准输入读密码 / read the password from standard input")
@click.option("--no-password", is_flag=True, help="只用单点登录 / single sign-on only")
@_db_option
def user_add(name: str, role: str, unit: str | None, password_stdin: bool, no_password: bool, db: str | None) -> None:
    """新增用户 / add a user.

    例：echo 'a-long-password' | zhuban desk user add 张三 --role admin --password-stdin
    """
    database = open_database(db)
    from desk.store.users import add_user

    password = None if no_password else _password(password_stdin)
    with database.write() as connection:
        add_user(connection, name, role, password, unit, _BY)
    click.echo(f"已新增用户「{name}」")


@user.command("list")
@_db_option
def user_list(db: str | None) -> None:
    """列出用户 / list users.

    例：zhuban desk user list
    """
    database = open_database(db)
    from commands.shared import echo_table
    from desk.store.rows import ROLE_NAMES, Role
    from desk.store.users import list_users

    with database.read() as connection:
        rows = list_users(connection)
    shown = [(row["name"], ROLE_NAMES[Role(row["role"])], row["unit"], "可登录" if row["active"] else "已停用") for row in rows]
    echo_table(("名字", "角色", "单位", "状态"), shown)


@user.command("password")
@click.argument("name")
@click.option("--password-stdin", is_flag=True, help="从标准输入读密码 / read the password from standard input")
@_db_option
def user_password(name: str, password_stdin: bool, db: str | None) -> None:
    """改密码并解锁，其登录全部失效 / set a new password.

    例：echo 'a-new-password' | zhuban desk user password 张三 --password-stdin
    """
    database = open_database(db)
    from desk.store.users import change_user

    with database.write() as connection:
        change_user(connection, name, _BY, password=_password(password_stdin))
    click.echo(f"已改「{name}」的密码")


@user.command("stop")
@click.argument("name")
@click.option("--start", is_flag=True, help="重新启用 / let in again")
@_db_option
def user_stop(name: str, start: bool, db: str | None) -> None:
    """停用或重新启用用户 / stop a user.

    例：zhuban desk user stop 张三
    """
    database = open_database(db)
    from desk.store.users import change_user

    with database.write() as connection:
        change_user(connection, name, _BY, active=start)
    click.echo(f"已{'启用' if start else '停用'}「{name}」")


@desk.group()
def token() -> None:
    """接口令牌 / API tokens.

    例：zhuban desk token list
    """


@token.command("add")
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, required=True, help="权限：route orders items check metrics，可重复")
@click.option("--days", type=click.IntRange(1), help="有效天数，不写则长期 / valid for so many days")
@click.option("--rate", type=click.FloatRange(0.1), help="每秒请求数 / requests a second")
@_db_option
def token_add(name: str, scopes: tuple[str, ...], days: int | None, rate: float | None, db: str | None) -> None:
    """新增令牌，只显示这一次 / make a token, shown once.

    例：zhuban desk token add 热线平台 --scope route --scope orders
    """
    database = open_database(db)
    from desk.store.tokens import add_token

    with database.write() as connection:
        secret = add_token(connection, name, scopes, _BY, days=days, rate=rate)
    click.echo(secret)


@token.command("list")
@_db_option
def token_list(db: str | None) -> None:
    """列出令牌（不含密钥） / list tokens.

    例：zhuban desk token list
    """
    database = open_database(db)
    from commands.shared import echo_table
    from desk.store.tokens import list_tokens

    with database.read() as connection:
        rows = list_tokens(connection)
    shown = [
        (row["name"], row["scopes"], row["rate"], row["expires_at"] or "长期", "已吊销" if row["revoked_at"] else "有效")
        for row in rows
    ]
    echo_table(("名字", "权限", "每秒", "到期", "状态"), shown)


@token.command("revoke")
@click.argument("name")
@_db_option
def token_revoke(name: str, db: str | None) -> None:
    """吊销令牌 / end a token.

    例：zhuban desk token revoke 热线平台
    """
    database = open_database(db)
    from desk.store.tokens import revoke_token

    with database.write() as connection:
        revoke_token(connection, name, _BY)
    click.echo(f"已吊销「{name}」")


@desk.group("pack")
def pack_group() -> None:
    """换规则包，不必重启 / switch packs while the desk runs.

    例：zhuban desk pack list
    """


@pack_group.command("use")
@click.argument("folder")
@click.option("--why", default="", help="原因 / reason")
@_db_option
def pack_use(folder: str, why: str, db: str | None) -> None:
    """换成另一个规则包；先用 zhuban diff 看影响 / put a pack in force.

    例：zhuban desk pack use rules/azhatebage --why 七月修订
    """
    database = open_database(db)
    from desk.store.packs import keep_pack, switch_to
    from engine import load_pack

    loaded = load_pack(folder)
    with database.write() as connection:
        keep_pack(connection, loaded)
        switch_to(connection, loaded.hash, _BY, why)
    click.echo(f"已换成 {loaded.info.id} {loaded.info.version}（{loaded.hash[:12]}），运行中的派单台几秒内跟上")


@pack_group.command("back")
@_db_option
def pack_back(db: str | None) -> None:
    """退回上一个规则包 / go back to the pack before.

    例：zhuban desk pack back
    """
    database = open_database(db)
    from desk.store.packs import previous_hash, switch_to

    with database.write() as connection:
        digest = previous_hash(connection)
        switch_to(connection, digest, _BY, "退回上一个规则包")
    click.echo(f"已退回 {digest[:12]}，运行中的派单台几秒内跟上")


@pack_group.command("list")
@_db_option
def pack_list(db: str | None) -> None:
    """哪个规则包何时启用 / which pack was in force when.

    例：zhuban desk pack list
    """
    database = open_database(db)
    from commands.shared import echo_table
    from desk.store.packs import list_switches

    with database.read() as connection:
        rows = list_switches(connection)
    shown = [
        (
            row["at"].astimezone().strftime("%Y-%m-%d %H:%M"),
            row["actor"],
            f"{row['name']} {row['version']}",
            row["hash"][:12],
            row["why"],
        )
        for row in rows
    ]
    echo_table(("时间", "谁", "规则包", "哈希", "原因"), shown)

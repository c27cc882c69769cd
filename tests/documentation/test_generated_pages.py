"""Pages written from the program are those in the tree, and say something of everything."""

from __future__ import annotations

import click
import pytest

from cdr.config import described
from tests.support.pages import COMMAND_LINE, SETTINGS, commands, commands_page, settings_page
from tests.support.template_pages import FOLDER, INDEX, template_pages


def test_the_settings_page_is_that_of_this_program() -> None:
    assert SETTINGS.read_text(encoding="utf-8") == settings_page(), "write it anew with `make docs`"


def test_the_commands_page_is_that_of_this_program() -> None:
    assert COMMAND_LINE.read_text(encoding="utf-8") == commands_page(), "write it anew with `make docs`"


@pytest.mark.parametrize("setting", described(), ids=lambda each: each.name)
def test_every_setting_is_documented(setting: object) -> None:
    page = SETTINGS.read_text(encoding="utf-8")
    assert f"`{setting.flag}`" in page  # type: ignore[attr-defined]  # a Setting, whose type pytest hides
    assert f"`{setting.variable}`" in page  # type: ignore[attr-defined]


@pytest.mark.parametrize(("path", "command"), list(commands()), ids=lambda each: each if isinstance(each, str) else "")
def test_every_command_and_option_is_documented(path: str, command: click.Command) -> None:
    section = COMMAND_LINE.read_text(encoding="utf-8").partition(f"\n## kilde {path}\n")[2].partition("\n## ")[0]
    assert section
    for option in command.params:
        if isinstance(option, click.Option):
            assert f"`{option.opts[0]}" in section, option.opts[0]
            assert option.help, f"{option.opts[0]} has no help"


def test_the_pages_of_templates_are_those_of_their_templates() -> None:
    pages = template_pages()
    different = [path.name for path, text in pages.items() if not path.exists() or path.read_text("utf-8") != text]
    assert different == [], "write them anew with `make docs`"
    assert set(FOLDER.glob("*.md")) == set(pages) - {INDEX}

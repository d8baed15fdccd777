"""Overlays: what is put in front, and what stays as it was below."""

from dataclasses import dataclass

from chassis.commands.overlay import Overlay


@dataclass(frozen=True)
class Item:
    id: str
    value: int


def test_what_is_put_stands_in_front_and_below_stays_as_it_was() -> None:
    loaded = {"a": Item("a", 1), "b": Item("b", 1)}
    batch = Overlay(loaded)
    batch.put(Item("b", 2))
    draft = Overlay(batch)
    draft.put(Item("a", 3), Item("c", 3))
    assert {name: item.value for name, item in draft.items()} == {"a": 3, "b": 2, "c": 3}
    assert {name: item.value for name, item in batch.items()} == {"a": 1, "b": 2}
    assert loaded == {"a": Item("a", 1), "b": Item("b", 1)}
    assert (len(draft), len(batch), list(draft.changed), list(batch.changed)) == (3, 2, ["a", "c"], ["b"])
    assert draft.get("d") is None


def test_what_was_empty_below_when_the_overlay_was_made_is_seen_later() -> None:
    batch: Overlay[Item] = Overlay()
    draft = Overlay(batch)
    batch.put(Item("a", 1))
    assert list(draft) == ["a"]

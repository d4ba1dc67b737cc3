"""Sends what a folder holds, for ever.

Every round begins with the folder as it lies and with what the service says it has, so
there is nothing that a cut in between could leave half done.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from service.vehicle.aboard import Aboard
from service.vehicle.carrying import Carrier
from service.vehicle.clock import Clock
from service.vehicle.contact import EVERY_S, Waiting, make_contact
from service.vehicle.drives import GOOD_NAME, Outing, outings_of
from service.vehicle.lying import PACKAGE_SUFFIX, Watched
from service.vehicle.roads import fetch_roads
from service.vehicle.shown import Board
from service.vehicle.talk import Talk
from service.vehicle.terms import Terms
from service.vehicle.told import HoldError, Told
from service.vehicle.waits import Backoff
from vision.errors import NotFoundError, OutputError

_LOOK_EVERY_S = 2.0
_HELLO_AGAIN_S = 20.0
_STEP_S = 5.0


class Uploader:
    """One vehicle's uploader.

    Args:
        terms: how it works.
        talk: to the service.
        board: shows the state.
        clock: both times.
        chance: spreads the waits of a fleet.
    """

    def __init__(
        self,
        terms: Terms,
        talk: Talk,
        board: Board,
        clock: Clock,
        chance: random.Random,
    ) -> None:
        self._terms, self._talk, self._board, self._clock = terms, talk, board, clock
        self._watched = Watched(terms.folder, terms.stillness, clock)
        self._backoff = Backoff(terms.longest_wait_s, chance)
        self._hello_s = float("-inf")
        self._carrier = Carrier(
            terms, talk, board, clock, may_go=self._may_go, went=self._backoff.reset
        )
        self._aboard: Aboard | None = None
        if terms.eyes is not None:
            name_of = self._carrier.name_of
            self._aboard = Aboard(terms.folder, terms.eyes, board, clock, name_of)

    def run(self) -> int:
        """Send until everything is sent, or for ever.

        Returns:
            0 if all is received, 1 if something lies aside or is refused.
        """
        while True:
            try:
                rest_s = self._round()
            except HoldError as hold:
                rest_s = self._hold(hold)
            except NotFoundError as error:
                rest_s = self._hold(HoldError(Told("文件夹不见了", str(error))))
            if rest_s is None:
                self._board.show("ended")
                totals = self._board.totals
                return 1 if totals.aside or totals.problems else 0
            self._rest(rest_s)

    def _round(self) -> float | None:
        """Do one thing; return seconds to rest, None if nothing more will be sent."""
        drives = self._drives()
        if self._aboard is not None:
            self._aboard.go_on(drives)
        outings = [*self._packages(), *drives]
        waiting = [
            file
            for outing in outings
            for file in outing.files
            if not self._carrier.is_safe(outing, file)
        ]
        self._board.waiting = Waiting(len(waiting), sum(f.size for f in waiting))
        self._say_hello()
        hours = self._terms.hours
        closed_s = 0.0 if hours is None else hours.opens_in_s(self._true_s())
        if closed_s:
            told = Told(f"发送时段 {hours}", f"sends at {hours}")
            self._board.show("resting", told, self._clock.wall_s() + closed_s)
            return min(closed_s, EVERY_S)
        for outing in outings:
            if self._may_go(outing) and self._carrier.work_on(outing):
                return 0.0
        self._backoff.reset()
        return self._idle(outings)

    def _idle(self, outings: list[Outing]) -> float | None:
        """Say why nothing is sent now; None if that is the end."""
        left = [o for o in outings if not self._carrier.is_over(o)]
        later = [o for o in left if self._may_go(o) or not self._raw_barred]
        inspecting = self._aboard is not None and self._aboard.is_busy
        if self._terms.once and not later and not self._comes(outings):
            return None
        if inspecting:
            told = Told("正在车上识别", "a drive is inspected on board")
            self._board.show("looking", told)
            return min(_LOOK_EVERY_S, self._terms.stillness.still_s)
        if self._aboard is not None and self._aboard.is_waiting:
            told = Told("等待再次识别", "a drive waits to be inspected once more")
            self._board.show("looking", told)
        elif any(not self._may_go(outing) for outing in later):
            told = Told(
                "原始录像等待 Wi-Fi 或时段", "raw footage waits for its network"
            )
            self._board.show("resting", told)
        elif later:
            self._board.show("looking", Told("录制中", "still being recorded"))
        else:
            self._board.show("idle")
        return min(_LOOK_EVERY_S, self._terms.stillness.still_s)

    def _comes(self, outings: list[Outing]) -> bool:
        """Say if the eyes on board still have something to look at."""
        aboard = self._aboard
        if aboard is None:
            return False
        return aboard.is_busy or not all(
            aboard.is_done(o) and o.quiet for o in outings if o.kind == "drive"
        )

    def _drives(self) -> list[Outing]:
        files = self._watched.look()
        self._carrier.forget_vanished({file.path for file in files})
        for file in files:
            if not file.size and file.quiet:
                self._carrier.refuse(file, Told("是空文件", "is empty"))
        full = [file for file in files if file.size]
        drives = self._carrier.memory.drives
        return outings_of(full, drives, gap_s=self._terms.gap_s)

    def _packages(self) -> Iterator[Outing]:
        """Yield what was worked out on board."""
        for file in self._watched.packages():
            name = file.name.removesuffix(PACKAGE_SUFFIX)
            if not GOOD_NAME.fullmatch(name):
                told = Told("名称不可用", "has a name that no manifest may have")
                self._carrier.refuse(file, told)
            elif file.size:
                yield Outing("edge", file.place, name, (file,))

    @property
    def _raw_barred(self) -> bool:
        """Raw footage stays here for good, by the vehicle's rule or the service's."""
        wanted = self._board.contact.raw_wanted
        return self._terms.raw.mode == "never" or wanted is False

    def _may_go(self, outing: Outing) -> bool:
        hours, now_s = self._terms.hours, self._true_s()
        if hours is not None and not hours.open_at(now_s):
            return False
        if outing.kind == "edge":
            return True
        if self._aboard is not None and not self._aboard.is_done(outing):
            return False  # what was seen comes first
        return not self._raw_barred and self._terms.raw.may_go(now_s)

    def _say_hello(self) -> None:
        now_s = self._clock.steady_s()
        if now_s < self._hello_s:
            return
        self._hello_s = now_s + _HELLO_AGAIN_S  # a failure must not stop all files
        contact = make_contact(
            self._talk,
            self._clock,
            self._terms.folder,
            self._board.waiting,
            self._terms.models(),
            says=self._says(),
        )
        self._hello_s = now_s + EVERY_S
        self._board.heard(contact)
        if self._aboard is not None and self._aboard.wants_roads:
            self._fetch_roads()

    def _fetch_roads(self) -> None:
        """Have the city's roads on board; without them what was fetched last counts."""
        try:
            if fetch_roads(self._talk, self._terms.folder):
                self._board.say(Told("已取得道路数据", "the city's roads were fetched"))
        except (HoldError, OutputError) as error:
            told = Told("道路数据未更新", f"the roads were not fetched: {error}")
            self._board.say(told)

    def _says(self) -> str | None:
        """Return what the service should know of the eyes on board."""
        failed = self._board.totals.not_inspected
        if not failed:
            return None
        name, told = list(failed.items())[-1]
        return f"{len(failed)} drives not inspected on board; {name}: {told.en}"

    def _true_s(self) -> float:
        """Return Unix seconds by the service's clock, as far as it is known."""
        return self._clock.wall_s() - (self._board.contact.clock_offset_s or 0.0)

    def _hold(self, hold: HoldError) -> float:
        """Show why nothing can be sent; return seconds until the next try."""
        wait_s = self._backoff.next_s()
        if hold.wait_s is not None:
            longest_s = float("inf") if hold.asked else self._terms.longest_wait_s
            wait_s = self._backoff.asked_s(min(hold.wait_s, longest_s))
        self._board.show("holding", hold.told, self._clock.wall_s() + wait_s)
        return wait_s

    def _rest(self, seconds: float) -> None:
        ends_s = self._clock.steady_s() + seconds
        while (left_s := ends_s - self._clock.steady_s()) > 0:
            self._clock.sleep(min(left_s, _STEP_S))

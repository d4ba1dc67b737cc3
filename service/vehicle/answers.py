"""What to make of an answer: go on, wait, or leave one file out."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime

from service.vehicle.talk import Answer
from service.vehicle.told import HoldError, RefusedError, Told

SLOW_S = 60.0
"""Between two tries of what only a person can put right."""
LOCKED_S = 2.0
FULL_S = 60.0


def refuse_hold(answer: Answer) -> Answer:
    """Return an answer unless it says that nothing can be sent now.

    Raises:
        HoldError: of the token, of the address, of limits, of the service's state.
    """
    status = answer.status
    if 300 <= status < 400:
        told = Told(
            "服务器要求转到别处,不予跟随,请改服务器地址",
            f"the server redirects ({status}), which is not followed; give its final "
            "address with --server",
        )
        raise HoldError(told, SLOW_S)
    if status == 401:
        told = Told(
            "令牌无效或已吊销,请更换令牌文件",
            "the service refuses the token (401); put a valid key into the token file",
        )
        raise HoldError(told, SLOW_S)
    if status == 403:
        told = Told(
            "此令牌无权上传", "the token's role may not upload (403); use a device's"
        )
        raise HoldError(told, SLOW_S)
    if status == 423:
        told = Told("文件正被另一连接占用", "another connection holds the file (423)")
        raise HoldError(told, LOCKED_S)
    if status == 429:
        told = Told("服务器请稍后再发", "the service asks for fewer requests (429)")
        raise _asked(told, answer)
    if status == 507:
        told = Told(
            f"服务器空间不足,等待 {answer.says}".strip(),
            "the service has no room (507); waiting",
        )
        raise _asked(told, answer, FULL_S)
    if status in (408, 425) or status >= 500:
        told = Told("服务器暂时出错", f"the service answers {status}")
        raise _asked(told, answer)
    return answer


def refuse_file(answer: Answer) -> Answer:
    """Return a good answer.

    Raises:
        HoldError: nothing can be sent now.
        RefusedError: this file is refused, whatever is tried.
    """
    refuse_hold(answer)
    if answer.status == 413 and _asked_s(answer) is not None:
        told = Told("超出配额,等待", "over the quota (413); waiting")
        raise _asked(told, answer)
    if answer.status >= 400:
        said = answer.says or "no reason was given"
        raise RefusedError(
            Told("服务器拒收", f"the service refuses it ({answer.status}): {said}")
        )
    return answer


def _asked(told: Told, answer: Answer, else_s: float | None = None) -> HoldError:
    asked_s = _asked_s(answer)
    if asked_s is None:
        return HoldError(told, else_s)
    return HoldError(told, asked_s, asked=True)


def _asked_s(answer: Answer) -> float | None:
    """Return the seconds of `Retry-After`, which may be a date; None without one."""
    asked = answer.headers.get("retry-after", "").strip()
    if asked.isdigit():
        return float(asked[:9])
    try:
        at_s = parsedate_to_datetime(asked).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None
    return max(0.0, at_s - time.time())

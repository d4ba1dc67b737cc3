"""What a question is about: a district, a street, a standard that its caller may see.

What lies in another district is answered as if it were not there.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Path, Query

from service.api.asked import Reader, TheSettings, TheStore
from service.api.fields import Name
from service.scoring import load_standard
from service.types import Segment
from vision.errors import NotFoundError


async def the_district(
    caller: Reader,
    district: Annotated[
        Name | None, Query(description="区 district; all that the key sees if left out")
    ] = None,
) -> str | None:
    """Return the district asked for; None for the whole city.

    Raises:
        NotFoundError: the caller does not see it.
    """
    if district is None:
        return caller.district
    if not caller.sees(district):
        msg = f"this key sees no district {district}; leave the district out"
        raise NotFoundError(msg)
    return district


def the_segment(
    caller: Reader,
    store: TheStore,
    segment_id: Annotated[Name, Path(description="路段编号 id of the segment")],
) -> Segment:
    """Return the street in the address.

    Raises:
        NotFoundError: there is none, or the caller does not see it.
    """
    return segment_for(caller, store, segment_id)


def segment_for(caller: Reader, store: TheStore, segment_id: str) -> Segment:
    """Return a street.

    Raises:
        NotFoundError: there is none, or the caller does not see it.
    """
    found = store.segment(segment_id)
    if found is None or not caller.sees(found.district):
        msg = f"no segment is called {segment_id}; see /segments"
        raise NotFoundError(msg)
    return found


def the_standard(
    _: Reader,
    store: TheStore,
    settings: TheSettings,
    standard: Annotated[
        Name | None,
        Query(
            description="评分标准，省略则按设置 standard, that of the settings if not"
        ),
    ] = None,
) -> str:
    """Return which standard is asked for.

    Raises:
        NotFoundError: it is neither installed nor has the store scores under it.
    """
    wanted = standard or settings.score.standard
    if not store.has_standard(wanted):
        load_standard(wanted)
    return wanted


TheDistrict = Annotated[str | None, Depends(the_district)]
TheSegment = Annotated[Segment, Depends(the_segment)]
TheStandard = Annotated[str, Depends(the_standard)]

"""What a planted mistake is."""

import dataclasses


@dataclasses.dataclass(frozen=True)
class Mutant:
    name: str
    mistake: str
    file: str
    find: str
    replace: str
    tests: list
    may_crash: bool = False  # whether a trap counts as noticed
    may_hang: bool = False  # whether tests that do not come to an end count as noticed

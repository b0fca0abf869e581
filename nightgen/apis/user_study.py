"""A user study of colourisation: unnamed pictures in shuffled order, scores of several people, one table."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from nightgen.utils.files import write_text

from .folder_evaluation import picture_files

CRITERIA = ('semantic correctness', 'saturability', 'edges')
NATURALNESS = 'naturalness'
MEAN = 'mean of three'


class Sheet(NamedTuple):
    """What a person sees at once: a picture's results of some methods, and what is asked about each of them."""

    key: str
    methods: tuple[str, ...]
    questions: tuple[str, ...]


class UserStudy:
    """The study of "Semantic-driven Colorization", Table 1 (specs/semantic_colorization 7).

    Every person first scores each result alone, from 0 to 100: semantic correctness, saturability, edges. Then the
    results of one photo side by side: how natural each of them looks. Which result is of which method is not shown, and
    the order is another one for every person; it follows from the seed and the name, so that somebody who comes back
    goes on. Scores are kept in a file for each person, written atomically after every sheet.

    Args:
        folders: By method, the folder of its results; the photos themselves may be one of them. Only a picture that
            every folder has, by its name without the ending, can be compared.
        out: The folder of the scores.
        seed: Of the orders.

    Attributes:
        methods: Their names.
        files: By method and key, the picture.

    Raises:
        FileNotFoundError: A folder that does not exist, or a picture that some of them lack.
        ValueError: Fewer than two methods, or scores of another study in ``out``.
    """

    def __init__(self, folders: Mapping[str, str | Path], out: str | Path, seed: int = 0):
        if len(folders) < 2:
            raise ValueError(f'a study compares at least two methods, got {list(folders)}')
        self.methods, self.out, self.seed = tuple(folders), Path(out).expanduser(), seed
        self.files = {method: picture_files(folder) for method, folder in folders.items()}
        self.keys = list(self.files[self.methods[0]])
        for method, files in self.files.items():
            unlike = sorted(set(self.keys) ^ set(files))
            if unlike:
                raise FileNotFoundError(f'{len(unlike)} images are in only one of {folders[self.methods[0]]} and '
                                        f'{folders[method]}; the first is {unlike[0]}')
        for file in self.out.glob('*.json'):
            self._check(json.loads(file.read_text(encoding='utf-8')), file)

    def sheets(self, rater: str) -> list[Sheet]:
        """All sheets of a person, in order."""
        order = random.Random(f'{self.seed} {rater}')
        alone = [Sheet(key, (method,), CRITERIA) for key in self.keys for method in self.methods]
        order.shuffle(alone)
        together = [Sheet(key, tuple(order.sample(self.methods, len(self.methods))), (NATURALNESS,))
                    for key in order.sample(self.keys, len(self.keys))]
        return alone + together

    def next_sheet(self, rater: str) -> int | None:
        """The number of the first sheet without scores; None after the last."""
        done = len(self._record(rater)['sheets'])
        return done if done < len(self.sheets(rater)) else None

    def score(self, rater: str, number: int, scores: Sequence[Mapping[str, float]]) -> None:
        """Keep the scores of a sheet.

        Args:
            rater: The person's name.
            number: Of the sheet; it is the next one without scores.
            scores: For each picture, a number from 0 to 100 by question.

        Raises:
            ValueError: Another sheet, or scores that are missing, unknown or out of range.
        """
        record = self._record(rater)
        if number != self.next_sheet(rater):
            raise ValueError(f'sheet {number + 1} of {rater} is scored already, or not the next one; perhaps somebody '
                             'else has this name; reload the page')
        sheet = self.sheets(rater)[number]
        if len(scores) != len(sheet.methods) or any(set(each) != set(sheet.questions) for each in scores):
            raise ValueError(f'sheet {number + 1} asks {", ".join(sheet.questions)} of {len(sheet.methods)} images; '
                             f'got {list(scores)}')
        for each in scores:
            for question, value in each.items():
                if type(value) not in (int, float) or not 0 <= value <= 100:
                    raise ValueError(f'{question}: a score is a number from 0 to 100, got {value!r}')
        record['sheets'].append(dict(key=sheet.key, scores=dict(zip(sheet.methods, map(dict, scores), strict=True))))
        write_text(self._file(rater), json.dumps(record, indent=1) + '\n')

    def _record(self, rater: str) -> dict:
        if not rater.strip():
            raise ValueError('a name is needed, to keep the scores of two people apart')
        file = self._file(rater)
        if file.is_file():
            return json.loads(file.read_text(encoding='utf-8'))
        return dict(rater=rater, sheets=[], **self._identity())

    def _identity(self) -> dict:
        return dict(seed=self.seed, methods=list(self.methods), keys=self.keys)

    def _check(self, record: Mapping, file: Path) -> None:
        if {name: record.get(name) for name in self._identity()} != self._identity():
            raise ValueError(f'{file} has scores of another study (its methods, images or seed are others); choose '
                             'another folder for the scores')

    def _file(self, rater: str) -> Path:
        """A name may hold anything, so the file is called by its hash."""
        return self.out / f'{hashlib.sha256(rater.encode()).hexdigest()[:16]}.json'


def study_table(out: str | Path) -> dict[str, dict[str, float]]:
    """The averages of a study, as the paper's Table 1.

    Args:
        out: The folder of the scores.

    Returns:
        By method, the mean over all scores of each criterion, the mean of the three, and the naturalness side by side;
        what nobody has scored yet is left out.

    Raises:
        FileNotFoundError: There are no scores.
        ValueError: Scores of several studies in one folder.
    """
    records = [json.loads(file.read_text(encoding='utf-8')) for file in sorted(Path(out).expanduser().glob('*.json'))]
    if not records:
        raise FileNotFoundError(f'there are no scores in {out}')
    if any(record['methods'] != records[0]['methods'] or record['keys'] != records[0]['keys'] for record in records):
        raise ValueError(f'{out} has scores of several studies')
    table: dict[str, dict[str, float]] = {}
    for method in records[0]['methods']:
        row = {}
        for question in (*CRITERIA, NATURALNESS):
            values = [sheet['scores'][method][question] for record in records for sheet in record['sheets']
                      if question in sheet['scores'].get(method, {})]
            if values:
                row[question] = sum(values) / len(values)
        if all(criterion in row for criterion in CRITERIA):
            mean = sum(row[criterion] for criterion in CRITERIA) / len(CRITERIA)
            row = {**{name: row[name] for name in CRITERIA}, MEAN: mean, **row}
        table[method] = row
    return table

"""Files at an address: what polars reads, and what no message may show."""

from __future__ import annotations

import functools
import http.server
import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

import satcore
import satcore_files
from satcore import DataError, Source, StudyError, Survey, is_address, shown_address
from satcore.plugins import Plugins
from satcore_nps import NPS

SPECS = {spec.name: spec for spec in satcore_files.satcore_surveys()}
TEXT = 'Q1,region,said\n10,East,"a\nb"\n3,西,"x ""y"""\n9,East,\n'


class Handler(http.server.SimpleHTTPRequestHandler):
    """Serves files, and parts of files as object stores are asked for them."""

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            self.send_error(404)
            return
        content = path.read_bytes()
        first, last, status = 0, len(content) - 1, 200
        asked = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range", ""))
        if asked:
            status = 206
            if asked[1]:
                first = int(asked[1])
                last = min(int(asked[2] or last), last)
            else:
                first = max(0, len(content) - int(asked[2]))
        part = content[first : last + 1]
        self.send_response(status)
        if asked:
            self.send_header("Content-Range", f"bytes {first}-{last}/{len(content)}")
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        self.wfile.write(part)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[str]:
    """A web server on this machine alone that serves ``tmp_path``."""
    handler = functools.partial(Handler, directory=str(tmp_path))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def survey_of(kind: str, *paths: str) -> Survey:
    return SPECS[kind].read(Source(paths=paths))


def values(survey: Survey) -> dict[str, list[object]]:
    frames = [frame for one in survey.fragments for frame in one.read(survey.columns)]
    return pl.concat(frames).to_dict(as_series=False)


def test_what_is_an_address() -> None:
    assert is_address("https://example.com/a.csv")
    assert is_address("s3://bucket/a.parquet")
    assert not is_address("answers/a.csv")
    assert not is_address("C:\\answers\\a.csv")
    assert not is_address("C://answers/a.csv")


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("https://me:secret@host/a.csv?sig=secret#secret", "https://host/a.csv"),
        ("s3://key:secret@bucket/a@b.csv", "s3://bucket/a@b.csv"),
        ("https://host?sig=secret/a@b", "https://host"),
        ("answers/a@b.csv", "answers/a@b.csv"),
    ],
)
def test_what_of_an_address_is_shown(address: str, told: str) -> None:
    assert shown_address(address) == told


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_csv_at_an_address_equals_the_file(
    tmp_path: Path, site: str, mark: bytes, end: str
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(mark + TEXT.replace("\n", end).encode())
    near, far = survey_of("csv", str(path)), survey_of("csv", f"{site}/a.csv?sig=secret")
    assert far.name == "a.csv"
    assert far.columns == near.columns
    plain = {
        name: [str(c or "").replace(end, "\n") for c in column]
        for name, column in values(near).items()
    }
    assert {name: [c or "" for c in column] for name, column in values(far).items()} == plain
    assert [one.id for one in far.fragments] == [f"{site}/a.csv"]


def test_a_parquet_at_an_address_equals_the_file(tmp_path: Path, site: str) -> None:
    frame = pl.DataFrame({"Q1": [10, 3, None], "region": ["East", "西", "East"]})
    frame.write_parquet(tmp_path / "a.parquet")
    survey = survey_of("parquet", f"{site}/a.parquet")
    assert survey.columns == ("Q1", "region")
    assert survey.fragments[0].rows == 3
    assert values(survey) == frame.to_dict(as_series=False)


def test_a_study_names_an_address(tmp_path: Path, site: str, plugins: Plugins) -> None:
    (tmp_path / "a.csv").write_text(TEXT, encoding="utf-8")
    study = tmp_path / "s.toml"
    study.write_text(f'[study]\ndata = "{site}/a.csv?sig=secret"\n[metrics.nps]\nitem = "Q1"\n')
    results = satcore.run(satcore.Study.load(study), plugins=plugins)
    [row] = results.rows("nps", "nps")
    assert row["value"] == pytest.approx(100 / 3)
    assert "secret" not in results.to_json()


@pytest.mark.parametrize("name", ["absent.csv", "absent.parquet", "bad.csv", "bad.parquet", "a.x"])
def test_no_message_shows_a_secret(tmp_path: Path, site: str, plugins: Plugins, name: str) -> None:
    (tmp_path / "bad.csv").write_bytes("a,b\n1,中\n".encode("gb18030"))
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 and no more")
    address = f"{site}/{name}?sig=secret".replace("//", "//me:secret@", 1)
    with pytest.raises(StudyError) as caught:
        satcore.run(NPS(item="Q1"), address, plugins=plugins)
    error: BaseException | None = caught.value
    while error is not None:
        assert "secret" not in str(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    assert f"{site}/{name}" in str(caught.value)


def test_a_secret_is_no_part_of_other_messages(tmp_path: Path, site: str, plugins: Plugins) -> None:
    (tmp_path / "a.csv").write_text("a,b\n1,2\n3\n", encoding="utf-8")
    address = f"{site}/a.csv?sig=secret"
    with pytest.raises(DataError) as caught:
        values(survey_of("csv", address))
    assert f"{site}/a.csv: line 3: 1 cell, but the header has 2 columns" in str(caught.value)
    assert "secret" not in str(caught.value)
    with pytest.raises(StudyError) as lacking:
        satcore.run(NPS(item="Q1"), [address, "no.csv"], plugins=plugins)
    assert "secret" not in str(lacking.value)


def test_nobody_answers(plugins: Plugins) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}/a.csv"
        with pytest.raises(DataError, match=r"the address can't be read|there is no such file"):
            survey_of("csv", address)


def test_an_encoding_has_to_be_utf8(tmp_path: Path, site: str) -> None:
    (tmp_path / "a.csv").write_bytes("a,b\n1,中\n".encode("gb18030"))
    with pytest.raises(DataError, match="has to be UTF-8; download it and name its encoding"):
        survey_of("csv", f"{site}/a.csv")


def test_excel_at_an_address_is_to_be_downloaded(site: str) -> None:
    with pytest.raises(DataError, match="download it"):
        survey_of("excel", f"{site}/a.xlsx")
    with pytest.raises(DataError, match="download it"):
        survey_of("spss", f"{site}/a.sav")

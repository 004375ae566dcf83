"""LibreOffice, without a window, as another word processor than the one that files are made for."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

DOCUMENT = "word/document.xml"
HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<!DOCTYPE {0} PUBLIC "-//OpenOffice.org//DTD OfficeDocument 1.0//EN" "{1}.dtd">\n'
)
LIBRARY = (
    HEAD.format("library:library", "library")
    + '<library:library xmlns:library="http://openoffice.org/2000/library" '
    'library:name="Standard" library:readonly="false" library:passwordprotected="false">'
    '<library:element library:name="Tracked"/></library:library>'
)
LIBRARIES = (
    HEAD.format("library:libraries", "libraries")
    + '<library:libraries xmlns:library="http://openoffice.org/2000/library" '
    'xmlns:xlink="http://www.w3.org/1999/xlink">'
    '<library:library library:name="Standard" library:link="false"/>'
    "</library:libraries>"
)
MODULE = (
    HEAD.format("script:module", "module")
    + """<script:module xmlns:script="http://openoffice.org/2000/script" script:name="Tracked"
script:language="StarBasic">
Sub Settle(source, way, target)
  Dim unseen(0) As New com.sun.star.beans.PropertyValue
  Dim how(0) As New com.sun.star.beans.PropertyValue
  unseen(0).Name = "Hidden"
  unseen(0).Value = True
  how(0).Name = "FilterName"
  how(0).Value = "MS Word 2007 XML"
  opened = StarDesktop.loadComponentFromURL(source, "_blank", 0, unseen())
  dispatcher = createUnoService("com.sun.star.frame.DispatchHelper")
  dispatcher.executeDispatch(opened.CurrentController.Frame, way, "", 0, Array())
  opened.storeToURL(target, how())
  opened.close(True)
End Sub

Sub Run
  On Error Goto Done
CALLS
Done:
  StarDesktop.terminate()
End Sub
</script:module>"""
)
CALL = """  Settle("{0}/{1}", ".uno:AcceptAllTrackedChanges", "{0}/accept/{1}")
  Settle("{0}/{1}", ".uno:RejectAllTrackedChanges", "{0}/reject/{1}")"""


def settle(folder: Path, profile: Path) -> None:
    """Accept, and reject, all changes in each document in a folder, into two folders in it.

    Comments are left out: where LibreOffice has been packaged without windows, it has none to show
    them in, and ends.
    """
    run(profile, "--terminate_after_init")  # when it first starts, it writes a library of its own
    for way in ("accept", "reject"):
        (folder / way).mkdir()
    for file in folder.glob("*.docx"):
        file.write_bytes(without_comments(file.read_bytes()))
    calls = (CALL.format(folder.as_uri(), file.name) for file in sorted(folder.glob("*.docx")))
    basic = profile / "user/basic/Standard"
    (basic / "script.xlb").write_text(LIBRARY)
    (basic.parent / "script.xlc").write_text(LIBRARIES)
    (basic / "Tracked.xba").write_text(MODULE.replace("CALLS", "\n".join(calls)))
    run(profile, "macro:///Standard.Tracked.Run")


def without_comments(data: bytes) -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as given, zipfile.ZipFile(made, "w") as left:
        for name in given.namelist():
            mark = rb"<w:comment(RangeStart|RangeEnd|Reference) [^>]*/>"
            content = given.read(name)
            left.writestr(name, re.sub(mark, b"", content) if name == DOCUMENT else content)
    return made.getvalue()


def run(profile: Path, *arguments: str) -> None:
    """Run LibreOffice with a profile of its own; skip the test where there is none."""
    program = shutil.which("soffice")
    if program is None:
        message = "no LibreOffice: run `scripts/system-packages test`"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    own = f"-env:UserInstallation={profile.as_uri()}"
    command = [program, own, "--headless", "--norestore", "--nologo", *arguments]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(command, stdout=quiet, stderr=quiet, start_new_session=True) as process:
        try:
            assert process.wait(timeout=60) == 0
        except BaseException:
            os.killpg(
                process.pid, signal.SIGKILL
            )  # the program starts another, which does the work
            raise

"""What stands between an SDK and the network, in the SDK's own process."""

import json
import os
import shutil
import socket
import subprocess
import sys

import pytest

from compat.driving import HERE

PYTHON = """
import socket, json
def reached(host, port):
    try:
        with socket.create_connection((host, port), timeout=5) as line:
            return line.getpeername()[1]
    except OSError as error:
        return str(error)
hosts = ("sandbox.safaricom.co.ke", "api.safaricom.co.ke", "127.0.0.1", "example.org")
print(json.dumps([reached(host, 443) for host in hosts]))
"""
NODE = """
const net = require('net')
const hosts = ['sandbox.safaricom.co.ke', 'api.safaricom.co.ke', 'example.org']
const reached = host => new Promise(resolve => {
  const line = net.connect({ host, port: 443 }, () => { resolve(line.remotePort); line.destroy() })
  line.on('error', error => resolve(error.message))
})
Promise.all(hosts.map(reached)).then(found => console.log(JSON.stringify(found)))
"""


@pytest.fixture
def port():
    """Of a listener that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def run(port, *command):
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(HERE / "inside"),
        "COMPAT_PORT": str(port),
    }
    return json.loads(subprocess.check_output(command, env=environment, text=True))


def test_python_reaches_the_simulator_for_safaricom_and_nobody_else(port):
    found = run(port, sys.executable, "-c", PYTHON)
    assert found[:3] == [port, port, port]
    assert "example.org is not this machine" in found[3]


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no node")
def test_node_reaches_the_simulator_for_safaricom_and_nobody_else(port):
    hook = str(HERE / "inside" / "loopback.js")
    found = run(port, "node", "--require", hook, "-e", NODE)
    assert found == [port, port, "example.org is not this machine"]

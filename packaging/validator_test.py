#!/usr/bin/python3
"""The packaged engine beside a validator that knows nothing of it, as docs/operating.md tells an operator to
try it: `[outlet] forward` to the validator's own TVU port, which that holds with an ordinary UDP socket.

    far host: leader, forger,  ==veth==  near host: engine (unprivileged) -> 127.0.0.1 -> validator
              other traffic                         what XDP leaves -> the stack ----------> ^

Under traffic the engine is stopped in order and started again, then killed and started again. Held to:
  1. By the fast path (datagrams from loopback) each honest shred comes at most once in an engine's life, and
     nothing else ever does.
  2. Every honest shred comes, by the one way or the other; but for those that a kill finds in the engine.
  3. While an engine runs, what comes past it is what its own counters say that it let pass.
  4. The host's other traffic, TCP and UDP, never notices; UDP that a kill finds in the engine's rings apart.

Arguments: the package, the scenario runner. Runs as root in namespaces of its own.
"""

import collections
import ctypes
import os
import re
import signal
import socket
import struct
import sys
import threading
import time
import unittest

from packaged_engine import NEAR, PATIENCE, Engine, Package, run

DEB, RUNNER = (os.path.abspath(word) for word in sys.argv[1:3])
TVU, OTHER = 8003, 9100
SHREDS_PER_SECOND = 500
# What the engine leaves to the stack of what is its own: nothing, unless the machine made it hang.
PAST = 'reason="(?:engine_stalled|no_socket)"'
CLONE_NEWNET = 0x40000000
# How long before a kill a shred may have been sent and still be in the engine: its rings and links are small,
# and nothing waits longer than a machine that stands still makes it.
IN_FLIGHT = 1.0  # seconds


def far_socket(kind):
    """A socket of the far host: threads have network namespaces of their own, and sockets keep theirs."""
    made = []

    def make():
        with open("/run/netns/far", "rb") as namespace:
            if ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")
        made.append(socket.socket(socket.AF_INET, kind))

    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    return made[0]


def tvu_payloads(path):
    """Of the UDP datagrams to the TVU port in a capture of `runner generate` (little-endian pcapng)."""
    with open(path, "rb") as file:
        data = file.read()
    at = 0
    while at < len(data):
        kind, length = struct.unpack_from("<II", data, at)
        if kind == 6:
            (captured,) = struct.unpack_from("<I", data, at + 20)
            frame = data[at + 28:at + 28 + captured]
            if frame[12:14] == b"\x08\x00" and frame[23] == 17 and frame[36:38] == struct.pack(">H", TVU):
                yield frame[42:14 + struct.unpack_from(">H", frame, 16)[0]]
        at += length


def content(payload):
    """Without what the retransmitter signs: a rebuilt shred has zeros there."""
    resigned = len(payload) > 1200 and payload[64] & 0xf0 in (0x70, 0xb0)
    return payload[:-64] + bytes(64) if resigned else payload


def generate(folder, seed):
    """Signed shreds of three slots and their leader's key."""
    path = os.path.join(folder, f"{seed}.pcapng")
    said = run(RUNNER, "generate", "first-light", "--quiet", "--slots", "3", "--seed", str(seed), "--port",
               str(TVU), "--out", path)
    return list(tvu_payloads(path)), re.search(r", leader (\w+)", said).group(1)


class Validator(threading.Thread):
    """Nothing but a UDP socket: keeps what comes, and from whom."""

    def __init__(self):
        super().__init__(daemon=True)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, 33, 16 << 20)  # SO_RCVBUFFORCE
        self._socket.bind(("0.0.0.0", TVU))
        self.fast = collections.defaultdict(collections.Counter)  # by the sender's port: one for each engine
        self.direct = collections.Counter()
        self.start()

    def run(self):
        while True:
            payload, (address, port) = self._socket.recvfrom(4096)
            if not payload:
                return
            (self.fast[port] if address.startswith("127.") else self.direct)[content(payload)] += 1

    def stop(self):
        """Takes what is there, and ends."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
            end.sendto(b"", ("127.0.0.1", TVU))
        self.join(PATIENCE)
        self._socket.close()


class Neighbours(threading.Thread):
    """The host's other traffic: a TCP connection that echoes, and numbered datagrams to another port."""

    def __init__(self):
        super().__init__(daemon=True)
        self._end = threading.Event()
        self._server = socket.create_server((NEAR, OTHER))
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.setsockopt(socket.SOL_SOCKET, 33, 4 << 20)
        self.udp.bind((NEAR, OTHER))
        self._udp_sender = far_socket(socket.SOCK_DGRAM)
        self._client = far_socket(socket.SOCK_STREAM)
        self._client.settimeout(PATIENCE)
        self._client.connect((NEAR, OTHER))
        self._echo = self._server.accept()[0]
        self.sent_at = []  # of each datagram
        self.error = None
        self.start()

    def run(self):
        try:
            while not self._end.wait(0.005):
                line = b"%08d\n" % len(self.sent_at)
                self._client.sendall(line)
                self._echo.sendall(self._echo.recv(len(line), socket.MSG_WAITALL))
                if self._client.recv(len(line), socket.MSG_WAITALL) != line:
                    raise AssertionError("TCP brought something else")
                self.sent_at.append(time.monotonic())
                self._udp_sender.sendto(line, (NEAR, OTHER))
        except (OSError, AssertionError) as error:
            self.error = error

    def stop(self):
        """Ends, and gives the times of those datagrams that did not come; each may come once."""
        self._end.set()
        self.join(PATIENCE)
        came = collections.Counter()
        self.udp.settimeout(2)
        try:
            while sum(came.values()) < len(self.sent_at):
                came[int(self.udp.recv(64))] += 1
        except TimeoutError:
            pass
        for each in (self._server, self.udp, self._udp_sender, self._client, self._echo):
            each.close()
        return [at for number, at in enumerate(self.sent_at) if came[number] == 0], max(came.values())


class Sender(threading.Thread):
    """Honest shreds at a steady rate, and a forgery before every eighth."""

    def __init__(self, honest, strangers):
        super().__init__(daemon=True)
        self._socket = far_socket(socket.SOCK_DGRAM)
        self._honest, self._strangers = honest, strangers
        self.sent_at = {}
        self.forged = set()
        self.start()

    def run(self):
        start = time.monotonic()
        for number, shred in enumerate(self._honest):
            time.sleep(max(0.0, start + number / SHREDS_PER_SECOND - time.monotonic()))
            if number % 8 == 0:
                self._forge(number)
            self.sent_at[content(shred)] = time.monotonic()
            self._socket.sendto(shred, (NEAR, TVU))
        self._socket.close()

    def _forge(self, number):
        forgery = bytearray(self._honest[number])
        if number % 24 == 0:
            forgery = self._strangers[number]  # well made, by somebody who is not the leader
        else:
            forgery[number % 64 if number % 24 == 8 else 300] ^= 1  # its signature, or its content
        self.forged.add(content(bytes(forgery)))
        self._socket.sendto(forgery, (NEAR, TVU))

    def wait_for(self, share):
        """Until that part of the honest ones is on its way."""
        while len(self.sent_at) < share * len(self._honest) and self.is_alive():
            time.sleep(0.01)


class ValidatorTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.package = Package(DEB)
        # Frames of a local peer carry half a checksum, which those that go back to the host by the TAP lose.
        run("ip", "netns", "exec", "far", "ethtool", "-K", "far0", "tx", "off")
        cls.honest, cls.leader = generate(cls.package.folder, 1)
        cls.strangers, _ = generate(cls.package.folder, 2)

    @classmethod
    def tearDownClass(cls):
        cls.package.gone()

    def start(self, path):
        engine = Engine(self.package, {
            "path": f'"{path}"', "ports": f"[{TVU}]", "companion": '"external"', "stage": '"full"',
            "forward": f'"127.0.0.1:{TVU}"', "leader": f'"{self.leader}"', "rx_entries": "1024",
            "link_depth": "1024", "return_depth": "512"})
        self.addCleanup(engine.close)
        self.assertIn("READY=1", engine.ready())
        return engine

    @staticmethod
    def passed(engine):
        """By the counters of an engine that has ended."""
        with open(engine.counters, encoding="utf-8") as file:
            return engine.value(file.read(), "xdp_pass_total", PAST)

    def settle(self, engine):
        """Until nothing more is forwarded."""
        before = -1
        while before != (before := engine.metric("forward_sent_total")):
            time.sleep(1)

    def run_beside(self, path):
        validator, neighbours = Validator(), Neighbours()
        engine = self.start(path)
        sender = Sender(self.honest, self.strangers)
        sender.wait_for(1 / 3)
        status, said = engine.end()
        self.assertEqual(status, 0, said)
        passed = self.passed(engine)
        stopped_at = time.monotonic()
        engine.close()
        engine = self.start(path)
        started_at = time.monotonic()
        sender.wait_for(2 / 3)
        killed_at = time.monotonic()
        passed += engine.metric("xdp_pass_total", PAST)
        engine.end(signal.SIGKILL)
        engine.close()
        engine = self.start(path)
        back_at = time.monotonic()
        sender.join(PATIENCE)
        self.settle(engine)
        status, said = engine.end()
        self.assertEqual(status, 0, said)
        passed += self.passed(engine)
        engine.close()
        lost_udp, most_udp = neighbours.stop()
        validator.stop()
        return validator, sender, neighbours, {
            "passed": passed, "down": [(stopped_at - IN_FLIGHT, started_at + IN_FLIGHT),
                                       (killed_at - IN_FLIGHT, back_at + IN_FLIGHT)],
            "killed": (killed_at - IN_FLIGHT, back_at), "lost_udp": lost_udp, "most_udp": most_udp}

    def judge(self, validator, sender, neighbours, seen):
        honest = set(map(content, self.honest))
        self.assertEqual(len(honest), len(self.honest))
        self.assertEqual(len(validator.fast), 3, "one sender for each of the engine's lives")
        for life in validator.fast.values():
            self.assertEqual(len(set(life) - honest), 0, "what is no honest shred came by the fast path")
            self.assertEqual(max(life.values()), 1, "an honest shred came twice")
        came = set(validator.direct).union(*validator.fast.values())
        first, last = seen["killed"]
        for shred in honest - came:
            self.assertTrue(first < sender.sent_at[shred] < last, "lost, and not by the kill")
        self.assertEqual(len(set(validator.direct) - honest - sender.forged), 0)
        past = [shred for shred in validator.direct if shred in honest and not any(
            first < sender.sent_at[shred] < last for first, last in seen["down"])]
        self.assertLessEqual(len(past), seen["passed"], "they went past an engine that ran")
        self.assertIsNone(neighbours.error)
        self.assertGreater(len(neighbours.sent_at), 0)
        self.assertEqual(seen["most_udp"], 1)
        for at in seen["lost_udp"]:
            self.assertTrue(first < at < last, "another program's datagram is lost, and not by the kill")

    def test_the_kernel_filter(self):
        self.judge(*self.run_beside("kernel_filter"))

    def test_the_userspace_filter(self):
        self.judge(*self.run_beside("userspace_filter"))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])

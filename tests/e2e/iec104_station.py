"""A controlled station of IEC 60870-5-104 for scenario tests: written from the standard's layout, not from our codec, so that
both sides do not share a misreading. One connection at a time; faults are asked for by name."""
import datetime
import socket
import struct
import threading

STARTDT_ACT, STARTDT_CON, STOPDT_ACT, TESTFR_ACT, TESTFR_CON = 0x07, 0x0B, 0x13, 0x43, 0x83


def cp56(time, invalid=False):
    """CP56Time2a of a UTC time: ms, minute, hour, day | weekday, month, year."""
    return struct.pack("<HBBBBB", time.second * 1000 + time.microsecond // 1000, time.minute | (0x80 if invalid else 0), time.hour,
                       time.day | time.isoweekday() << 5, time.month, time.year - 2000)


def measured_float(objects, common_address=1, cause=3, time=None):
    """M_ME_NC_1, or with `time` M_ME_TF_1: objects are (address, value, quality)."""
    body = b"".join(struct.pack("<I", address)[:3] + struct.pack("<fB", value, quality) + (cp56(time) if time else b"")
                    for address, value, quality in objects)
    return struct.pack("<BBBBH", 36 if time else 13, len(objects), cause, 0, common_address) + body


def double_point(objects, common_address=1, cause=3):
    """M_DP_NA_1: objects are (address, 0 between, 1 off, 2 on or 3 faulty, quality)."""
    body = b"".join(struct.pack("<I", address)[:3] + bytes([state | quality]) for address, state, quality in objects)
    return struct.pack("<BBBBH", 3, len(objects), cause, 0, common_address) + body


def interrogation(cause, common_address=1):
    return struct.pack("<BBBBH", 100, 1, cause, 0, common_address) + b"\0\0\0\x14"


class Station:
    """Listens on a loopback port of the kernel's choice until `close`.

    `state` is what an interrogation answers: a list of (address, value, quality). `fault`: "no_startdt" never confirms the start,
    "deaf" takes everything and answers nothing after the start, not even tests."""

    def __init__(self, state, common_address=1):
        self.state, self.common_address, self.fault = state, common_address, None
        self.connections = self.interrogations = self.acknowledged = self.tests = self.stops = 0
        self.lock = threading.RLock()
        self.peer, self.sent, self.received, self.running = None, 0, 0, False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def close(self):
        self.listener.close()
        self.hang_up()
        self.thread.join(timeout=10)

    def hang_up(self):
        with self.lock:
            if self.peer:
                try:
                    self.peer.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass

    def send(self, asdu, number=None):
        """An I frame; with `number` a wrong one."""
        with self.lock:
            if not self.running:
                return False
            self._say(struct.pack("<HH", (self.sent if number is None else number) << 1, self.received << 1) + asdu)
            self.sent = (self.sent + 1) % 32768
            return True

    def send_raw(self, data):
        with self.lock:
            if self.peer:
                self.peer.sendall(data)

    def _say(self, apci):
        self.peer.sendall(bytes([0x68, len(apci)]) + apci)

    def _control(self, control):
        self._say(bytes([control, 0, 0, 0]))

    def _serve(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            with self.lock:
                self.peer, self.sent, self.received, self.running = peer, 0, 0, False
                self.connections += 1
            try:
                self._talk(peer)
            except OSError:
                pass
            with self.lock:
                self.running, self.peer = False, None
            peer.close()

    def _talk(self, peer):
        stream = peer.makefile("rb")
        while True:
            head = stream.read(2)
            if len(head) < 2:
                return
            apdu = stream.read(head[1])
            if head[0] != 0x68 or len(apdu) < head[1]:
                return
            with self.lock:
                self._take(apdu)

    def _take(self, apdu):
        first = apdu[0]
        if first & 3 == 3:
            self.tests += first == TESTFR_ACT
            self.stops += first == STOPDT_ACT
            if self.fault == "deaf" and self.running:
                return
            if first == STARTDT_ACT and self.fault != "no_startdt":
                self.running = True
                self._control(STARTDT_CON)
            elif first == TESTFR_ACT:
                self._control(TESTFR_CON)
        elif first & 3 == 1:
            self.acknowledged = struct.unpack("<H", apdu[2:4])[0] >> 1
        else:
            self.received = (self.received + 1) % 32768
            self.acknowledged = struct.unpack("<H", apdu[2:4])[0] >> 1
            if apdu[4] == 100 and apdu[6] & 0x3F == 6 and self.fault != "deaf":
                self._answer()

    def _answer(self):
        self.interrogations += 1
        self.send(interrogation(7, self.common_address))
        if self.state:
            self.send(measured_float(self.state, self.common_address, cause=20))
        self.send(interrogation(10, self.common_address))


def utc_now():
    return datetime.datetime.now(datetime.timezone.utc)

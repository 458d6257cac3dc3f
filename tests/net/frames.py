"""Frames as they are on the wire, made by hand: ARP, ICMP, and what is none of them."""
import struct

BROADCAST = b"\xff" * 6
PEER = bytes.fromhex("525400006363")
LOCAL_TYPE = 0x88b5  # for local experiments


def ethernet(to, kind, payload):
    return (to + PEER + struct.pack("!H", kind) + payload).ljust(60, b"\0")


def numbered(number, size):
    """A frame of that size whose bytes follow from its number (test_ring.c)."""
    body = bytes((number + i) & 0xff for i in range(16, size))
    return BROADCAST + PEER + struct.pack("!HH", LOCAL_TYPE, number) + body


def arp_request(asker, wanted):
    return ethernet(BROADCAST, 0x0806, struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + PEER + asker + bytes(6) + wanted)


def is_arp_reply(frame, of):
    return frame[12:14] == b"\x08\x06" and frame[20:22] == b"\0\x02" and frame[28:32] == of


def is_arp_request(frame):
    return frame[12:14] == b"\x08\x06" and frame[20:22] == b"\0\x01"


def arp_reply(frame):
    """Whatever address is asked for, it is the peer's."""
    return ethernet(frame[6:12], 0x0806,
                    struct.pack("!HHBBH", 1, 0x0800, 6, 4, 2) + PEER + frame[38:42] + frame[22:32])


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def ip(sender, to, protocol, payload):
    header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), 1, 0, 64, protocol, 0) + sender + to
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + payload


def echo_request(sender, to):
    body = struct.pack("!HHHH", 0x0800, 0, 7, 7) + b"castle" * 8
    return ip(sender, to, 1, body[:2] + struct.pack("!H", checksum(body)) + body[4:])


def heartbeat(node, incarnation, version):
    """A member's (uapps/cluster/common/members.h), to everybody."""
    beat = struct.pack("!IIIII", 0x63617374, version, node, incarnation, 0)
    udp = struct.pack("!HHHH", 4711, 4711, 8 + len(beat), 0) + beat
    return ethernet(BROADCAST, 0x0800, ip(bytes([10, 1, 0, 2]), b"\xff" * 4, 17, udp))


def is_echo_reply(frame):
    return frame[12:14] == b"\x08\0" and frame[23] == 1 and frame[34] == 0


def broken(generator, good):
    """Like a frame that means something, with some bytes changed, and sometimes cut short or made long."""
    data = bytearray(good)
    for _ in range(generator.randrange(1, 12)):
        data[generator.randrange(12, len(data))] = generator.randrange(256)
    length = generator.choice([len(data), len(data), generator.randrange(1, 60), 1514, 1515, 3000, 9000])
    return bytes(data[:length]).ljust(length, bytes([generator.randrange(256)]))

"""What a machine of QEMU's shows on its screen, read with the kernel's own font, and keys pressed, by its monitor."""
import os
import socket
import time

WIDTH, HEIGHT, FIRST = 8, 16, " "
KEYS = {" ": "spc", "\n": "ret", "/": "slash", "-": "minus", ".": "dot", ";": "semicolon"}


class Screen:
    """The monitor listens at `path` (-monitor unix:PATH,server=on,wait=off); `font` is what tools/font has written."""

    def __init__(self, path, font):
        self.picture = path + ".ppm"
        with open(font, "rb") as file:
            data = file.read()
        self.letters = {data[at:at + HEIGHT]: chr(ord(FIRST) + at // HEIGHT) for at in range(0, len(data) - HEIGHT, HEIGHT)}
        self.monitor = socket.socket(socket.AF_UNIX)
        self.monitor.connect(path)
        self.say()

    def close(self):
        self.monitor.close()

    def say(self, command=None):
        """Gives the monitor a command, and waits until it asks for another one."""
        if command:
            self.monitor.sendall(command.encode() + b"\n")
        answer = b""
        while not answer.rstrip().endswith(b"(qemu)"):
            data = self.monitor.recv(4096)
            if not data:
                raise EOFError("the machine has ended")
            answer += data

    def press(self, text):
        for character in text:
            self.say(f"sendkey {KEYS.get(character, character)} 20")
            time.sleep(0.1)

    def letter(self, lines):
        """Lines of eight pixels, each 0 or not: whatever is brighter than black is the character's."""
        found = self.letters.get(bytes(int("".join("1" if pixel else "0" for pixel in line), 2) for line in lines))
        return found or "?"

    def read(self):
        """The screen's text, a line a row."""
        if os.path.exists(self.picture):
            os.remove(self.picture)
        self.say(f"screendump {self.picture}")
        with open(self.picture, "rb") as file:
            kind, size, _, pixels = file.read().split(b"\n", 3)
        width, height = (int(word) for word in size.split())
        if kind != b"P6" or len(pixels) != width * height * 3:
            return ""
        green = [pixels[y * width * 3 + 1:(y + 1) * width * 3:3] for y in range(height)]
        text = ["".join(self.letter([green[row + y][column:column + WIDTH] for y in range(HEIGHT)])
                        for column in range(0, width - WIDTH + 1, WIDTH)) for row in range(0, height - HEIGHT + 1, HEIGHT)]
        return "\n".join(line.rstrip() for line in text)

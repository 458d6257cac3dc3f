"""Makes ISO images with damaged boot modules, for the tests of what the kernel refuses."""
import os
import shutil
import struct
import subprocess

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# Offsets in the ELF header and in a program header (System V ABI, chapters 4 and 5).
CLASS, MACHINE, ENTRY, PROGRAM_OFFSET = 4, 18, 24, 28
P_VADDR, P_SIZE = 8, 32


def patch(path, change):
    with open(path, "rb") as file:
        data = bytearray(file.read())
    data = change(data)
    with open(path, "wb") as file:
        file.write(data)


def put(data, offset, form, value):
    struct.pack_into("<" + form, data, offset, value)
    return data


def get(data, offset):
    return struct.unpack_from("<I", data, offset)[0]


def move_code(data, address):
    """Gives the first segment, the code, another address, and the entry point with it."""
    header = get(data, PROGRAM_OFFSET)
    delta = address - get(data, header + P_VADDR)
    put(data, ENTRY, "I", get(data, ENTRY) + delta & 0xFFFFFFFF)
    return put(data, header + P_VADDR, "I", address)


def move_data(data, address):
    return put(data, get(data, PROGRAM_OFFSET) + P_SIZE + P_VADDR, "I", address)


def code_address(path):
    with open(path, "rb") as file:
        data = file.read()
    return get(data, get(data, PROGRAM_OFFSET) + P_VADDR)


DAMAGES = {
    "truncated-header": lambda data: data[:20],
    "truncated-segment": lambda data: data[:len(data) // 2],
    "empty": lambda data: data[:0],
    "not-elf": lambda data: put(data, 0, "I", 0),
    "wrong-class": lambda data: put(data, CLASS, "B", 2),
    "wrong-machine": lambda data: put(data, MACHINE, "H", 62),
    "code-in-kernel": lambda data: move_code(data, 0x00100000),
    "code-in-kernel-page": lambda data: move_code(data, 0x40000000),
    "code-across-slots": lambda data: move_code(data, 0x407ff000),
    "data-in-stack": lambda data: move_data(data, 0x80000000),
    "data-in-kernel": lambda data: move_data(data, 0x00200000),
    "entry-outside": lambda data: put(data, ENTRY, "I", 0x80100000),
}


# What the first instructions of a kernel function are replaced by.
KERNEL_DAMAGES = {
    "illegal-instruction": bytes.fromhex("0f0b"),                     # ud2
    "read-null": bytes.fromhex("a100000000"),                         # mov 0, %eax
    "write-text": bytes.fromhex("a300001000"),                        # mov %eax, 0x100000
    "endless-push": bytes.fromhex("50ebfd"),                          # push %eax; jmp .-1
    "reset": bytes.fromhex("b0fee664ebfe"),                           # mov $0xfe, %al; out %al, $0x64; jmp .
    "return": bytes.fromhex("31c0c3"),                                # xor %eax, %eax; ret
}


def damage_kernel(path, function, how):
    """Overwrites the start of a kernel function."""
    symbols = subprocess.run(["nm", path], check=True, stdout=subprocess.PIPE, text=True).stdout
    address = next(int(line.split()[0], 16) for line in symbols.splitlines()
                   if line.split()[-1] == function)

    def change(data):
        header = get(data, PROGRAM_OFFSET)
        offset = address - get(data, header + P_VADDR) + get(data, header + 4)
        code = KERNEL_DAMAGES[how]
        data[offset:offset + len(code)] = code
        return data
    patch(path, change)


def apply(packages, name, how):
    path = os.path.join(packages, name)
    if how.startswith("overlaps:"):
        address = code_address(os.path.join(packages, how.partition(":")[2]))
        patch(path, lambda data: move_code(data, address))
    else:
        patch(path, DAMAGES[how])


def make_iso(build, image, suite, damages):
    """A copy of the build's `image` ("castle") in which `NAME HOW` has been done to the modules; its path."""
    work = os.path.join(build, "tests/damage", suite)
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(os.path.join(build, "iso", image), work, symlinks=True)
    for line in damages:
        name, how = line.split()
        if name.startswith("kernel:"):
            damage_kernel(os.path.join(work, "boot/castle.elf"), name.partition(":")[2], how)
        elif name == "root.tar":
            patch(os.path.join(work, "boot/root.tar"), lambda data: put(data, 0, "I", 0x2f2f2f2f))
        elif how == "missing":
            grub = os.path.join(work, "boot/grub/grub.cfg")
            patch(grub, lambda data: b"\n".join(
                entry for entry in data.split(b"\n")
                if not entry.endswith(b" package " + name.encode())))
        else:
            apply(os.path.join(work, "boot/packages"), name, how)
    iso = work + ".iso"
    subprocess.run([os.path.join(TOP, "iso/write-iso"), work, iso], check=True,
                   stderr=subprocess.DEVNULL)
    return iso

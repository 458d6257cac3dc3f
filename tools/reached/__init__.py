"""What tools/coverage consists of: the plugin for QEMU (C) that records which code of the kernel ran, and here what makes it
ready, reads the kernel's line table, and puts both together."""

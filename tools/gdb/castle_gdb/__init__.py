"""Castle's GDB commands: kernel.py reads the kernel's data, model.py finds processors, processes and threads in
it, view.py puts a thread's registers and address space into a stopped processor, and the others are commands."""

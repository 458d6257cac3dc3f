"""What the commands that look at the kernel's source have in common: see docs/contracts.md and docs/layers.md."""

/*
 * CPU-local data (Section 3.3.2): variables that each processor has its own copy of, at one
 * address. Declared with CPU_LOCAL and accessed like any variable. In the uniprocessor kernel,
 * there being one processor, they are plain variables.
 */
#ifndef ARCH_IA32_CPULOCAL_H
#define ARCH_IA32_CPULOCAL_H

#define CPU_LOCAL

#endif

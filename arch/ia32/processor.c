/*
 * Processor features (Intel SDM volume 2, CPUID; volume 3, sections 2.5 and 4.6).
 */
#include "arch/ia32/processor.h"

#include "arch/ia32/cpu.h"
#include "kernel/debug/panic.h"
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"

#define CPUID_BRAND_FIRST 0x80000002u
#define CPUID_BRAND_LAST  0x80000004u

uint32_t processor_features SET_AT_BOOT;

/* Some early processors report sysenter without having it (SDM volume 2, SYSENTER). */
static bool sysenter_works(const struct cpuid *id)
{
	const uint32_t family = id->eax >> 8 & 15, model = id->eax >> 4 & 15,
		       stepping = id->eax & 15;
	return id->edx & CPUID_1_EDX_SEP && !(family == 6 && model < 3 && stepping < 3);
}

void processor_detect(void)
{
	const struct cpuid id = cpu_id(1);

	if (!(id.edx & CPUID_1_EDX_PSE) || !(id.edx & CPUID_1_EDX_TSC))
		panic("this processor lacks 4 MB pages or the cycle counter");
	if (id.edx & CPUID_1_EDX_PGE)
		processor_features |= PROCESSOR_PGE;
	if (sysenter_works(&id))
		processor_features |= PROCESSOR_SYSENTER;
	if (id.edx & CPUID_1_EDX_FXSR)
		processor_features |= PROCESSOR_FXSR;
	if (id.edx & CPUID_1_EDX_SSE)
		processor_features |= PROCESSOR_SSE;
	if (cpu_id(0).eax < 7)
		return;
	if (cpu_id(7).ebx & CPUID_7_EBX_SMEP)
		processor_features |= PROCESSOR_SMEP;
	if (cpu_id(7).ebx & CPUID_7_EBX_SMAP)
		processor_features |= PROCESSOR_SMAP;
}

void processor_enable(void)
{
	uint32_t cr4 = cr4_read();

	if (processor_has(PROCESSOR_PGE))
		cr4 |= CR4_PGE;
	if (processor_has(PROCESSOR_FXSR))
		cr4 |= CR4_OSFXSR;
	if (processor_has(PROCESSOR_SSE))
		cr4 |= CR4_OSXMMEXCPT;
	if (processor_has(PROCESSOR_SMEP))
		cr4 |= CR4_SMEP;
	if (processor_has(PROCESSOR_SMAP))
		cr4 |= CR4_SMAP;
	cr4_write(cr4);
}

void processor_brand(char brand[48])
{
	memset(brand, 0, 48);
	if (cpu_id(0x80000000u).eax >= CPUID_BRAND_LAST) {
		for (uint32_t leaf = CPUID_BRAND_FIRST; leaf <= CPUID_BRAND_LAST; leaf++) {
			const struct cpuid part = cpu_id(leaf);
			memcpy(brand + 16 * (leaf - CPUID_BRAND_FIRST), &part, 16);
		}
	} else {
		const struct cpuid vendor = cpu_id(0);
		memcpy(brand, &vendor.ebx, 4);
		memcpy(brand + 4, &vendor.edx, 4);
		memcpy(brand + 8, &vendor.ecx, 4);
	}
	brand[47] = '\0';
}

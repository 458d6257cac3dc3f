/*
 * /dev/partition: what programs see of the other partitions (castle/partition.h).
 */
#include <castle/errno.h>
#include "kernel/debug/panic.h"
#include "kernel/dev/device.h"
#include "kernel/dev/driver.h"
#include "kernel/lib/arithmetic.h"
#include "kernel/lib/print.h"
#include "kernel/lib/string.h"
#include "kernel/lock/domain.h"
#include "kernel/partition/inside/here.h"
#include "kernel/partition/inside/messages.h"
#include "kernel/proc/process.h"

#define MICROSECONDS_PER_MS 1000u

/* From its last death to the first program of its new life; 0: it has not died, or is not back. */
static uint32_t down_us(const struct partition *partition)
{
	if (partition->starts < 2 || partition->up_cycles < partition->died_cycles)
		return 0;
	return divide64((partition->up_cycles - partition->died_cycles) * MICROSECONDS_PER_MS,
			partition_area->cycles_per_ms);
}

static int partition_info(user_addr_t address)
{
	struct castle_partition_info info;
	const struct partition *partition;
	uint32_t number;
	const int error = copy_from_user(&number, address, sizeof number);

	if (error)
		return error;
	if (number == 0)
		number = partition_number;
	if (number > partition_area->count)
		return -EINVAL;
	partition = &partition_area->partitions[number];
	info = (struct castle_partition_info){
		.partition = number,
		.here = number == partition_number,
		.state = partition->state,
		.apic = partition->apic_ids[0],
		.cpus = partition->cpus,
		.start = partition->start,
		.end = partition->end,
		.starts = partition->starts,
		.status = partition->status,
		.down_us = down_us(partition),
	};
	ksnprintf(info.run, sizeof info.run, "%s", partition->run);
	return copy_to_user(address, &info, sizeof info);
}

/*
 * What a wrong pointer does: it faults, unless there is something at the address. The panic after
 * it says that it has not.
 */
__attribute__((noreturn)) static int partition_panic(user_addr_t address)
{
	if (address)
		*(volatile uint32_t *)address = 0;
	panic("process %d of partition %u asked for it", current_process()->pid, partition_number);
}

static int partition_ioctl(struct file *file, uint32_t request, user_addr_t argument)
{
	(void)file;
	assert_held(driver);
	switch (request) {
	case CASTLE_PARTITION_INFO:
		return partition_info(argument);
	case CASTLE_PARTITION_SEND:
		return message_send(argument);
	case CASTLE_PARTITION_RECEIVE:
	case CASTLE_PARTITION_TRY:
		return message_receive(argument, request == CASTLE_PARTITION_RECEIVE);
	case CASTLE_PARTITION_ASK:
		return command_ask(argument);
	case CASTLE_PARTITION_RESULT:
		return command_result(argument);
	case CASTLE_PARTITION_SERVE:
		return command_serve(argument);
	case CASTLE_PARTITION_SERVED:
		return command_served(argument);
	case CASTLE_PARTITION_PANIC:
		return partition_panic(argument);
	default:
		return -EINVAL;
	}
}

static struct driver_lock partition_lock UNGUARDED("a lock");
static const struct device_ops partition_ops = { .ioctl = partition_ioctl,
						 .lock = &partition_lock };
static struct device partition_device SET_AT_BOOT = { .name = "partition", .ops = &partition_ops };

static int partition_driver_start(void)
{
	messages_init();
	return device_register(&partition_device);
}

static const struct driver partition_driver = {
	.name = "partition",
	.start = partition_driver_start,
};
DRIVER(partition_driver);

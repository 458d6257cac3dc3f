/*
 * A ring of two slots: processors append and take at any time. Each read and each compare-and-swap is a step. Words are
 * told apart, so that one that comes out twice or never, or after a later one of the same processor, is seen.
 *
 * What must hold: each word comes out once; those of one processor in the order in which they were put in.
 * In the broken twin who takes reads the slot before the rear: it may be from before it was filled, and is passed over.
 *
 * code: kernel/smp/ring.h: const uint32_t at = ring_read(&ring->rear);
 * code: kernel/smp/ring.h: const bool full = at - ring_read(&ring->front) >= RING_SLOTS;
 * code: kernel/smp/ring.h: const union counted found = counted_read(slot);
 * code: kernel/smp/ring.h: filled = !found.word && counted_change(slot, found,
 * code: kernel/smp/ring.h: if (filled || found.word)
 * code: kernel/smp/ring.h: empty = place->at == ring_read(&ring->rear);
 * code: kernel/smp/ring.h: place->slot = counted_read(&ring->slots[place->at % RING_SLOTS]);
 * code: kernel/smp/ring.h: ring_move_on(&ring->front, place->at);
 */
#define SLOTS     2
#define PRODUCERS 2
#define WORDS     2 /* of each producer */
#define CONSUMERS 1

byte front, rear;
byte word[SLOTS], count[SLOTS]; /* word 0: none */
byte taken;                     /* words that have come out, a bit each */
byte done;

/* Word w of producer p, from 0, is 1 + p * WORDS + w. */
#define SAME(slot, was, turn) (word[slot] == was && count[slot] == turn)

inline move_front(at)
{
	atomic { if :: front == at -> front++ :: else fi }
}

inline move_rear(at)
{
	atomic { if :: rear == at -> rear++ :: else fi }
}

proctype producer(byte first)
{
	byte at, was, turn, w;
	bool filled, no_room;
	do
	:: w < WORDS ->
		at = rear;
		no_room = at - front >= SLOTS;
		turn = count[at % SLOTS];
		was = word[at % SLOTS];
		if
		:: rear != at || no_room
		:: else ->
			filled = false;
			if
			:: was == 0 ->
				atomic {
					if
					:: SAME(at % SLOTS, was, turn) ->
						word[at % SLOTS] = first + w;
						count[at % SLOTS]++;
						filled = true
					:: else
					fi
				}
			:: else
			fi;
			if
			:: filled || was -> move_rear(at)
			:: else
			fi;
			if
			:: filled -> w++
			:: else
			fi
		fi;
		d_step { at = 0; was = 0; turn = 0; filled = false; no_room = false }
	:: else -> break
	od
}

inline out(which)
{
	assert(which && !(taken & (1 << (which - 1))));
	taken = taken | (1 << (which - 1));
	/* Its producer's earlier ones have been taken before. */
	assert((which - 1) % WORDS == 0 || taken & (1 << (which - 2)))
}

proctype consumer()
{
	byte at, was, turn, end;
	do
	:: done < PRODUCERS * WORDS ->
		at = front;
#ifndef BROKEN
		end = rear;
#endif
		turn = count[at % SLOTS];
		was = word[at % SLOTS];
#ifdef BROKEN
		end = rear;
#endif
		if
		:: front != at
		:: else ->
			if
			:: at == end
			:: else ->
				if
				:: was == 0 -> move_front(at)
				:: else ->
					atomic {
						if
						:: SAME(at % SLOTS, was, turn) ->
							word[at % SLOTS] = 0;
							count[at % SLOTS]++;
							out(was);
							done++;
							goto taken_one
						:: else
						fi
					}
					goto next;
taken_one:
					move_front(at);
next:
					skip
				fi
			fi
		fi;
		d_step { at = 0; was = 0; turn = 0; end = 0 }
	:: else -> break
	od
}

init
{
	byte i;

	atomic {
		for (i : 0 .. PRODUCERS - 1) {
			run producer(1 + i * WORDS)
		}
		for (i : 1 .. CONSUMERS) {
			run consumer()
		}
	}
}

/* Feeds rows that a generator makes, and prints a hash of what comes. */
#include <stdint.h>
#include <string.h>
#include "MODEL.h"

void board_begin(void);
void board_put(const char *text);
uint32_t board_ticks(void); /* counts down, 24 bits */
void board_end(void);

static uint32_t seed = 1U;

static uint32_t next(void)
{
    seed = (seed * UINT32_C(1664525)) + UINT32_C(1013904223);
    return seed;
}

static int32_t code(void)
{
    const uint32_t size = next() >> (33U - BITS);
    const uint32_t shift = (next() >> 16) % BITS;
    const int32_t part = (int32_t)(size >> shift);
    return ((next() >> 31) != 0U) ? (-part - 1) : part;
}

static void put(const char *what, uint32_t number)
{
    char text[12];
    uint8_t i = 11U;
    text[i] = '\0';
    do
    {
        i--;
        text[i] = (char)('0' + (char)(number % 10U));
        number /= 10U;
    } while (number != 0U);
    board_put(what);
    board_put(&text[i]);
}

int main(void)
{
    static STATE state;
    RAW raw[N_IN];
    int32_t out[N_OUT];
    uint32_t hash = UINT32_C(2166136261), least = UINT32_MAX, most = 0U, sum = 0U, empty;
    uint32_t row, before, took;
    uint16_t i, status;
    board_begin();
    before = board_ticks();
    empty = (before - board_ticks()) & UINT32_C(0xFFFFFF);
    for (row = 0U; row < N_ROWS; ++row)
    {
        if ((row % N_SEGMENT) == 0U)
        {
            RESET(&state);
        }
        for (i = 0U; i < N_IN; ++i)
        {
            raw[i] = (RAW)code();
        }
        before = board_ticks();
        status = STEP(&state, raw, out);
        took = ((before - board_ticks()) & UINT32_C(0xFFFFFF)) - empty;
        for (i = 0U; i < N_OUT; ++i)
        {
            hash = (hash ^ (uint32_t)out[i]) * UINT32_C(16777619);
        }
        hash = (hash ^ (uint32_t)status) * UINT32_C(16777619);
        least = (took < least) ? took : least;
        most = (took > most) ? took : most;
        sum += took;
    }
    put("hash ", hash);
    put(" least ", least);
    put(" most ", most);
    put(" sum ", sum);
    board_put(" end\n");
    board_end();
    return 0;
}

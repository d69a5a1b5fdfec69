/* An ATmega2560 in simavr, which shows what leaves the first serial line and ends in sleep. */
#include <stdint.h>
#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>

void board_begin(void);
void board_put(const char *text);
uint32_t board_ticks(void);
void board_end(void);

void board_begin(void) { UCSR0B = (uint8_t)(1U << TXEN0); }
void board_put(const char *text)
{
    for (; *text != '\0'; ++text)
    {
        while ((UCSR0A & (1U << UDRE0)) == 0U) {}
        UDR0 = (uint8_t)*text;
    }
}
uint32_t board_ticks(void) { return 0U; }
void board_end(void)
{
    uint16_t wait;
    for (wait = 0U; wait < 60000U; ++wait) { __asm__ volatile("nop"); }
    cli();
    sleep_enable();
    sleep_cpu();
}

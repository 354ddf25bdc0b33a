/* Random bytes on an ESP32: its generator, which is a true one while Wi-Fi or Bluetooth runs, and TLS only runs then. */
#include "tls_port.h"

#include <esp_random.h>

int tls_port_random(void *context, unsigned char *buffer, size_t count)
{
    (void)context;
    esp_fill_random(buffer, count);
    return 0;
}

// nanoFramework.Hardware.Esp32.DeviceFunction: what a pin can be switched to. I2C, PWM and ADC only; SPI, COM, I2S and SDMMC are left out.
// Values: DeviceTypes in bits 16 up, device index + 1 in bits 8 to 15, function in bits 0 to 7.

namespace nanoFramework.Hardware.Esp32;

/// <summary>Functions of the on-chip peripherals that need pins.</summary>
public enum DeviceFunction
{
    /// <summary>SDA of I2C bus 1.</summary>
    I2C1_DATA = 131328,

    /// <summary>SCL of I2C bus 1.</summary>
    I2C1_CLOCK = 131329,

    /// <summary>SDA of I2C bus 2.</summary>
    I2C2_DATA = 131584,

    /// <summary>SCL of I2C bus 2.</summary>
    I2C2_CLOCK = 131585,

    /// <summary>PWM channel 1 (timer 0).</summary>
    PWM1 = 262400,

    /// <summary>PWM channel 2 (timer 0).</summary>
    PWM2 = 262656,

    /// <summary>PWM channel 3 (timer 1).</summary>
    PWM3 = 262912,

    /// <summary>PWM channel 4 (timer 1).</summary>
    PWM4 = 263168,

    /// <summary>PWM channel 5 (timer 2).</summary>
    PWM5 = 263424,

    /// <summary>PWM channel 6 (timer 2).</summary>
    PWM6 = 263680,

    /// <summary>PWM channel 7 (timer 3).</summary>
    PWM7 = 263936,

    /// <summary>PWM channel 8 (timer 3).</summary>
    PWM8 = 264192,

    /// <summary>PWM channel 9 (timer 4).</summary>
    PWM9 = 264448,

    /// <summary>PWM channel 10 (timer 4).</summary>
    PWM10 = 264704,

    /// <summary>PWM channel 11 (timer 5).</summary>
    PWM11 = 264960,

    /// <summary>PWM channel 12 (timer 5).</summary>
    PWM12 = 265216,

    /// <summary>PWM channel 13 (timer 6).</summary>
    PWM13 = 265472,

    /// <summary>PWM channel 14 (timer 6).</summary>
    PWM14 = 265728,

    /// <summary>PWM channel 15 (timer 7).</summary>
    PWM15 = 265984,

    /// <summary>PWM channel 16 (timer 7).</summary>
    PWM16 = 266240,

    /// <summary>Logical ADC channel 0.</summary>
    ADC1_CH0 = 327936,

    /// <summary>Logical ADC channel 1.</summary>
    ADC1_CH1 = 327937,

    /// <summary>Logical ADC channel 2.</summary>
    ADC1_CH2 = 327938,

    /// <summary>Logical ADC channel 3.</summary>
    ADC1_CH3 = 327939,

    /// <summary>Logical ADC channel 4.</summary>
    ADC1_CH4 = 327940,

    /// <summary>Logical ADC channel 5.</summary>
    ADC1_CH5 = 327941,

    /// <summary>Logical ADC channel 6.</summary>
    ADC1_CH6 = 327942,

    /// <summary>Logical ADC channel 7.</summary>
    ADC1_CH7 = 327943,

    /// <summary>Logical ADC channel 8.</summary>
    ADC1_CH8 = 327944,

    /// <summary>Logical ADC channel 9.</summary>
    ADC1_CH9 = 327945,

    /// <summary>Logical ADC channel 10.</summary>
    ADC1_CH10 = 327946,

    /// <summary>Logical ADC channel 11.</summary>
    ADC1_CH11 = 327947,

    /// <summary>Logical ADC channel 12.</summary>
    ADC1_CH12 = 327948,

    /// <summary>Logical ADC channel 13.</summary>
    ADC1_CH13 = 327949,

    /// <summary>Logical ADC channel 14.</summary>
    ADC1_CH14 = 327950,

    /// <summary>Logical ADC channel 15.</summary>
    ADC1_CH15 = 327951,

    /// <summary>Logical ADC channel 16.</summary>
    ADC1_CH16 = 327952,

    /// <summary>Logical ADC channel 17.</summary>
    ADC1_CH17 = 327953,

    /// <summary>Logical ADC channel 18.</summary>
    ADC1_CH18 = 327954,

    /// <summary>Logical ADC channel 19.</summary>
    ADC1_CH19 = 327955,
}

// Runs the device's tests on the PC. A device has no such file: there nanoFramework's launcher is the program.
return await Firmware.Simulator.TestFramework.TestRunner.RunAsync(args, typeof(Program).Assembly);

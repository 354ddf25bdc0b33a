// Runs the tests that need a PC.
return await Firmware.Simulator.TestFramework.TestRunner.RunAsync(args, typeof(Program).Assembly);

// Makes MKL take its code path for Intel on a processor of another maker, and with it Intel's orders of summation: preload
// it, for tests and measurements only. Both functions are needed.
int mkl_serv_intel_cpu_true(void) { return 1; }
int mkl_serv_intel_cpu(void) { return 1; }

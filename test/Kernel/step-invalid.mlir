// RUN: transformer-opt %s -split-input-file -verify-diagnostics


func.func @buffer_static(%step: !kernel.step, %offset: index) {
  // expected-error @below {{must be statically shaped memref}}
  %x = kernel.buffer scratch of %step[%offset] : memref<?x8xf32>
  return
}

// -----

func.func @row_cache_static(%step: !kernel.step, %row: index, %offset: index) {
  // expected-error @below {{must be statically shaped memref}}
  %x = kernel.row_cache %step row %row[%offset] : memref<?x8xf32>
  return
}

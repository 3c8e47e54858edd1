// RUN: transformer-opt %s -split-input-file -verify-diagnostics

func.func @grid_attention_c1(%x: tensor<?x8xf32>, %k: tensor<?x8xf32>) {
  // expected-error @below {{3 heads cannot share 2 kv_heads evenly}}
  %y = transformer.grid_attention %x, %k, %k grid = [8, 4] tile = 4 heads = 3
      kv_heads = 2 scale = 1.0 : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return
}

// -----

func.func @grid_attention_c3(%x: tensor<?x8xf32>, %k: tensor<?x6xf32>) {
  // expected-error @below {{key rows have 6 values but 2 kv_heads of 4 need 8}}
  %y = transformer.grid_attention %x, %k, %k grid = [8, 4] tile = 4 heads = 2
      kv_heads = 2 scale = 1.0 : tensor<?x8xf32>, tensor<?x6xf32>, tensor<?x6xf32>
  return
}

// -----

func.func @grid_attention_c5_sizes(%x: tensor<?x8xf32>, %k: tensor<?x8xf32>) {
  // expected-error @below {{grid has 3 sizes, expected a height and a width}}
  %y = transformer.grid_attention %x, %k, %k grid = [8, 4, 4] tile = 4 heads = 2
      kv_heads = 2 scale = 1.0 : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return
}

// -----

func.func @grid_attention_c5(%x: tensor<?x8xf32>, %k: tensor<?x8xf32>) {
  // expected-error @below {{tiles of 4 do not divide the grid of 8 x 6}}
  %y = transformer.grid_attention %x, %k, %k grid = [8, 6] tile = 4 heads = 2
      kv_heads = 2 scale = 1.0 : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return
}

// -----

func.func @grid_attention_c5_large(%x: tensor<?x8xf32>, %k: tensor<?x8xf32>) {
  // expected-error @below {{tiles of 512 do not divide the grid of 1024 x 1024}}
  %y = transformer.grid_attention %x, %k, %k grid = [1024, 1024] tile = 512 heads = 2
      kv_heads = 2 scale = 1.0 : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return
}

// -----

func.func @grid_attention_c6(%x: tensor<?x8xf32>, %k: tensor<?x8xf32>) {
  // expected-error @below {{shift is 4, not from 0 to 3}}
  %y = transformer.grid_attention %x, %k, %k grid = [8, 4] tile = 4 shift = 4 heads = 2
      kv_heads = 2 scale = 1.0 : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return
}

// -----

func.func @grid_attention_c7(%x: tensor<?x8xf32>, %k: tensor<?x8xf32>) {
  // expected-error @below {{scale is INF, not finite}}
  %y = transformer.grid_attention %x, %k, %k grid = [8, 4] tile = 4 heads = 2
      kv_heads = 2 scale = 0x7FF0000000000000 : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>
  return
}

// -----

func.func @grid_attention_c8(%x: tensor<?x8xf32>, %k: tensor<?x8xf32>, %t: tensor<16x2xf32>) {
  // expected-error @below {{table is 16 x 2, tiles of 4 and 2 heads need 49 x 2}}
  %y = transformer.grid_attention %x, %k, %k table %t grid = [8, 4] tile = 4 heads = 2
      kv_heads = 2 scale = 1.0 : tensor<?x8xf32>, tensor<?x8xf32>, tensor<?x8xf32>, tensor<16x2xf32>
  return
}

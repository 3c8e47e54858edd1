// RUN: transformer-opt %s | transformer-opt | FileCheck %s


// The machine of a module, one attribute.

// CHECK: module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu", cpu = "x86-64-v4", features = "", lanes = 16, matmul = [8, 3], gated = [6, 4], attention = [6, 4]>}
module attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu", cpu = "x86-64-v4",
    features = "", lanes = 16, matmul = [8, 3], gated = [6, 4], attention = [6, 4]>} {
}

// What a CPU knows of integers, and whether of bf16.

// CHECK: module @vnni attributes {kernel.target = #kernel.target<{{.+}}attention = [6, 4], integers = <vpdpbusd, matmul = [4, 3], gated = [3, 4]>, bf16 = unit>}
module @vnni attributes {kernel.target = #kernel.target<triple = "x86_64-unknown-linux-gnu", cpu = "znver5",
    features = "+avx512vnni,+avx512bf16", lanes = 16, matmul = [8, 3], gated = [6, 4], attention = [6, 4],
    integers = <vpdpbusd, matmul = [4, 3], gated = [3, 4]>, bf16 = unit>} {
}

"""The sections of the table, in its order."""
import building
import families
import kernels
import models

SECTIONS = {
    "prefill-128": models.prefill_128,
    "prefill-512": models.prefill_512,
    "decode": models.decode_gpt2,
    "decode-1b": models.decode_tinyllama,
    "encoders": models.encoders,
    "families": families.families,
    "sessions": models.sessions,
    "attention": kernels.attention,
    "growth": models.growth,
    "matmul": kernels.matmul,
    "formats": kernels.formats,
    "compile": building.compiling,
    "start": building.start,
    "threads": kernels.regions,
}

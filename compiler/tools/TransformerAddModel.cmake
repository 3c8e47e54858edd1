# transformer_add_model(target input [NAME name] [OPTIONS ...] [DEPENDS ...])
#
# Compiles a model to be linked into programs. `input` is what
# transformer-compile takes: a spec, a Hugging Face folder, a llama2.c file.
# A program that links `target` can include <NAME.h> (NAME defaults to the
# target's) and finds the path of its weights file as the string
# <TARGET>_WEIGHTS_FILE, also the target's property TRANSFORMER_WEIGHTS.
#
# OPTIONS are passed to the compiler: --mcpu=x86-64-v3, --context=512. The
# model is compiled again when its input, a file in DEPENDS or the compiler
# itself changes.
function(transformer_add_model target input)
  cmake_parse_arguments(PARSE_ARGV 2 A "" "NAME" "OPTIONS;DEPENDS")
  if(A_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR
      "transformer_add_model: unknown arguments ${A_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT A_NAME)
    set(A_NAME ${target})
  endif()
  if(TARGET transformer-compile)
    set(compiler $<TARGET_FILE:transformer-compile>)
    set(compiler_dependency transformer-compile)
  else()
    find_program(TRANSFORMER_COMPILE transformer-compile REQUIRED)
    set(compiler ${TRANSFORMER_COMPILE})
    set(compiler_dependency ${TRANSFORMER_COMPILE})
  endif()

  get_filename_component(input ${input} ABSOLUTE)
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/${target}.model)
  set(made ${folder}/${A_NAME}.o ${folder}/${A_NAME}.h
    ${folder}/${A_NAME}.weights)
  file(MAKE_DIRECTORY ${folder})
  add_custom_command(OUTPUT ${made}
    COMMAND ${compiler} ${input} -c -o ${folder}/${A_NAME} ${A_OPTIONS}
    DEPENDS ${input} ${A_DEPENDS} ${compiler_dependency}
    COMMENT "Compiling model ${target}"
    VERBATIM)

  # A library of the one object, so that order and linking are CMake's.
  add_library(${target} STATIC ${made})
  set_source_files_properties(${folder}/${A_NAME}.o PROPERTIES
    EXTERNAL_OBJECT TRUE GENERATED TRUE)
  string(TOUPPER ${target} prefix)
  set_target_properties(${target} PROPERTIES
    LINKER_LANGUAGE C
    TRANSFORMER_WEIGHTS ${folder}/${A_NAME}.weights)
  target_include_directories(${target} INTERFACE ${folder})
  target_compile_definitions(${target} INTERFACE
    ${prefix}_WEIGHTS_FILE="${folder}/${A_NAME}.weights")
  target_link_libraries(${target} INTERFACE transformer_runtime)
endfunction()

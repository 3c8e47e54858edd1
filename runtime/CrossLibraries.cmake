# The same three libraries for each architecture that programs can be made for
# and whose compiler is here: lib/<architecture>-linux-gnu in the build folder.
# transformer-compile --target= looks there.

# tc_cross_library(ARCHITECTURE NAME FLAGS SOURCES...)
function(tc_cross_library architecture name flags)
  set(gcc ${TRANSFORMER_GCC_${architecture}})
  set(folder ${PROJECT_BINARY_DIR}/lib/${architecture}-linux-gnu)
  set(library ${folder}/lib${name}.a)
  file(MAKE_DIRECTORY ${folder})
  set(objects)
  foreach(source ${ARGN})
    cmake_path(GET source STEM stem)
    set(object ${folder}/${name}/${stem}.o)
    # No multiply-add that the source does not ask for: the same bits as here.
    add_custom_command(OUTPUT ${object}
      COMMAND ${CMAKE_COMMAND} -E make_directory ${folder}/${name}
      COMMAND ${gcc} -std=gnu11 -O2 -DNDEBUG -D_GNU_SOURCE -fPIC -pthread
              -ffunction-sections -ffp-contract=off ${flags}
              -I${PROJECT_SOURCE_DIR} -MD -MF ${object}.d -c ${source}
              -o ${object}
      DEPENDS ${source} DEPFILE ${object}.d VERBATIM)
    list(APPEND objects ${object})
  endforeach()
  add_custom_command(OUTPUT ${library}
    COMMAND ${CMAKE_COMMAND} -E rm -f ${library}
    COMMAND ${architecture}-linux-gnu-ar rcs ${library} ${objects}
    DEPENDS ${objects} VERBATIM)
  add_custom_target(${name}_${architecture} ALL DEPENDS ${library})
  add_dependencies(${name} ${name}_${architecture}) # whoever builds the compiler
  install(FILES ${library} DESTINATION lib/${architecture}-linux-gnu)
endfunction()

foreach(architecture aarch64)
  find_program(TRANSFORMER_GCC_${architecture} ${architecture}-linux-gnu-gcc)
  if(NOT TRANSFORMER_GCC_${architecture} OR CMAKE_SYSTEM_PROCESSOR STREQUAL architecture)
    continue()
  endif()
  foreach(room runtime text program)
    get_target_property(sources transformer_${room} SOURCES)
    get_target_property(folder transformer_${room} SOURCE_DIR)
    set(paths)
    foreach(source ${sources})
      cmake_path(ABSOLUTE_PATH source BASE_DIRECTORY ${folder})
      list(APPEND paths ${source})
    endforeach()
    set(flags -DTRANSFORMER_VERSION="${PROJECT_VERSION}")
    if(NOT TRANSFORMER_THREADS)
      list(APPEND flags -DTC_SINGLE_THREADED)
    endif()
    tc_cross_library(${architecture} transformer_${room} "${flags}" ${paths})
  endforeach()
endforeach()

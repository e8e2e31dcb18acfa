# Installs the build into a folder, builds the examples against it as a host would, and runs them.
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${ARGN}\nfailed with status ${status}:\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

function(expect text pattern)
  if(NOT text MATCHES "${pattern}")
    message(FATAL_ERROR "expected '${pattern}' in:\n${text}")
  endif()
endfunction()

if(SANITIZER)
  set(flags -DCMAKE_CXX_FLAGS=-fsanitize=${SANITIZER})
endif()
file(REMOVE_RECURSE ${WORK_FOLDER})
run(${CMAKE_COMMAND} --install ${BUILD_FOLDER} --prefix ${WORK_FOLDER}/installed)

set(examples index_host full_host)
if(ONNX_WRITER)
  list(APPEND examples onnx_host)
endif()
foreach(example IN LISTS examples)
  run(${CMAKE_COMMAND} -S ${SOURCE_FOLDER}/examples/${example} -B ${WORK_FOLDER}/${example} -G Ninja
      -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_CXX_STANDARD=20
      -DCMAKE_PREFIX_PATH=${WORK_FOLDER}/installed ${flags})
  run(${CMAKE_COMMAND} --build ${WORK_FOLDER}/${example})
endforeach()

run(${WORK_FOLDER}/index_host/index_host)
expect("${output}" "^row 42  distance 0  cosine 1\\.000\n")
run(ldd ${WORK_FOLDER}/index_host/index_host)
if(output MATCHES "torch|opencv|dnnl|sqlite|jpeg")
  message(FATAL_ERROR "the index component pulls in heavy libraries:\n${output}")
endif()

file(GLOB picture ${STAMPS}/food/fruit/*.png)
list(GET picture 0 picture)
get_filename_component(name ${picture} NAME_WE)
run(${WORK_FOLDER}/full_host/full_host ${STAMPS}/food/fruit ${picture} ${WORK_FOLDER}/shop.vitrine)
expect("${output}" "pictures added\n1\\.000  ${name}\n")
run(ldd ${WORK_FOLDER}/full_host/full_host)
if(output MATCHES "torch|opencv")
  message(FATAL_ERROR "searching needs neither LibTorch nor OpenCV, but is linked with it:\n${output}")
endif()

if(ONNX_WRITER)
  run(${ONNX_WRITER} ${WORK_FOLDER}/net.onnx)
  file(WRITE ${WORK_FOLDER}/net.onnx.json "{\"input_px\": 8}")
  run(${WORK_FOLDER}/onnx_host/onnx_host ${WORK_FOLDER}/net.onnx ${STAMPS}/food/fruit ${picture}
      ${WORK_FOLDER}/onnx.vitrine)
  expect("${output}" "pictures added\n1\\.000  ")
  run(${WORK_FOLDER}/installed/bin/vitrine-index ${STAMPS}/food/fruit -o ${WORK_FOLDER}/onnx-tools.vitrine -q --model
      ${WORK_FOLDER}/net.onnx)
  run(${WORK_FOLDER}/installed/bin/vitrine-query ${WORK_FOLDER}/onnx-tools.vitrine ${picture} --format paths -k 1)
  expect("${output}" "${name}.png\n$")
endif()

# The program of the README compiles as it stands.
file(READ ${SOURCE_FOLDER}/README.md readme)
string(REGEX MATCH "```cpp\n(.*)\n```\n\n`find_package" matched "${readme}")
if(NOT matched)
  message(FATAL_ERROR "README.md has no C++ program in front of its words about find_package")
endif()
file(COPY ${SOURCE_FOLDER}/examples/full_host/CMakeLists.txt DESTINATION ${WORK_FOLDER}/readme)
file(WRITE ${WORK_FOLDER}/readme/main.cpp "${CMAKE_MATCH_1}\n")
run(${CMAKE_COMMAND} -S ${WORK_FOLDER}/readme -B ${WORK_FOLDER}/readme/build -G Ninja -DCMAKE_BUILD_TYPE=Debug
    -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_CXX_STANDARD=20 -DCMAKE_PREFIX_PATH=${WORK_FOLDER}/installed ${flags})
run(${CMAKE_COMMAND} --build ${WORK_FOLDER}/readme/build)

# The installed tools find the installed model.
run(${WORK_FOLDER}/installed/bin/vitrine-index ${STAMPS}/food/fruit -o ${WORK_FOLDER}/tools.vitrine -q)
run(${WORK_FOLDER}/installed/bin/vitrine-query ${WORK_FOLDER}/tools.vitrine ${picture} --format paths -k 1)
expect("${output}" "${name}.png\n$")

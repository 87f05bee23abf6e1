# Builds a stage with a source of one's own in place of ours, as a reader does.
#
#     cmake -DSOURCE=... -DWORK=... -DCOMPILER=... -DLAUNCHER=... -DFLAGS=... -P mine_test.cmake
#
# expect(STATUS OUTPUT COMMAND...): the command ends so, and prints that.
function(expect wanted text)
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY ${SOURCE} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  string(REGEX REPLACE "[ \n]+" " " line "${output}")  # CMake breaks its lines
  string(FIND "${line}" "${text}" found)
  if(NOT status EQUAL wanted OR found EQUAL -1)
    message(FATAL_ERROR "${ARGN}\nends with ${status} instead of ${wanted}, or does not print \"${text}\":\n${output}")
  endif()
endfunction()

set(configure ${CMAKE_COMMAND} -B ${WORK}/build -DWEBSOCK_EXAMPLES=OFF -DCMAKE_CXX_COMPILER=${COMPILER}
  -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER} "-DCMAKE_CXX_FLAGS=${FLAGS} -O0 -g0")
set(build ${CMAKE_COMMAND} --build ${WORK}/build -j 2 --target mask_test)
file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK}/own)

# A file, which is the stub.
expect(0 "Yours instead of src/framing/mask.cpp: ${SOURCE}/walkthrough/yours/mask.cpp" ${configure} -DWEBSOCK_MINE=walkthrough/yours/mask.cpp)
expect(0 "mask_test" ${build})
expect(1 "FAILED 5.3-07" ${WORK}/build/bin/mask_test)

# A folder of them, to which one that works is added later.
expect(0 "" ${configure} -DWEBSOCK_MINE=${WORK}/own)
file(COPY ${SOURCE}/src/framing/mask.cpp DESTINATION ${WORK}/own)
expect(0 "Yours instead of src/framing/mask.cpp: ${WORK}/own/mask.cpp" ${build})
expect(0 " 0 failed" ${WORK}/build/bin/mask_test)

# What takes nothing's place.
expect(1 "takes the place of no file in src/" ${configure} -DWEBSOCK_MINE=walkthrough/yours/task.cpp)
expect(1 "takes the place of no file in src/" ${configure} -DWEBSOCK_MINE=walkthrough/mine)

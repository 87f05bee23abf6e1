# Builds the outside project with an installed websock, then with websock as a subproject, and runs it.
#
#     cmake -DSOURCE=... -DBUILD=... -DWORK=... -P install_test.cmake
function(run)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${ARGV}\n${output}")
  endif()
endfunction()

file(REMOVE_RECURSE ${WORK})
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/prefix)
foreach(way installed subproject)
  if(way STREQUAL installed)
    set(where -DCMAKE_PREFIX_PATH=${WORK}/prefix)
  else()
    set(where -DWEBSOCK_SOURCE_DIR=${SOURCE})
  endif()
  run(${CMAKE_COMMAND} -S ${SOURCE}/tests/outside -B ${WORK}/${way} ${where} -DCMAKE_CXX_COMPILER=${COMPILER} "-DCMAKE_CXX_FLAGS=${FLAGS}")
  run(${CMAKE_COMMAND} --build ${WORK}/${way} -j 2)
  run(${WORK}/${way}/outside)
endforeach()

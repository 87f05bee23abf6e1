# Builds the outside project with an installed websock, then with websock as a subproject, in a project of one file for
# all (a unity build), and as a shared library where everything is hidden that is not marked; and runs it.
#
#     cmake -DSOURCE=... -DBUILD=... -DWORK=... -DCOMPILER=... -DFLAGS=... -P install_test.cmake
function(run)
  execute_process(COMMAND ${ARGV} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${ARGV}\n${output}")
  endif()
endfunction()

# outside(NAME CMAKE_ARGUMENT...)
function(outside name)
  run(${CMAKE_COMMAND} -S ${SOURCE}/tests/outside -B ${WORK}/${name} ${ARGN}
    -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER} "-DCMAKE_CXX_FLAGS=${FLAGS}")
  run(${CMAKE_COMMAND} --build ${WORK}/${name} -j 2)
  run(${WORK}/${name}/outside)
endfunction()

file(REMOVE_RECURSE ${WORK})
run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/prefix)
outside(installed -DCMAKE_PREFIX_PATH=${WORK}/prefix)
set(subproject -DWEBSOCK_SOURCE_DIR=${SOURCE})
outside(subproject ${subproject})
outside(unity ${subproject} -DCMAKE_UNITY_BUILD=ON)
outside(shared ${subproject} -DBUILD_SHARED_LIBS=ON -DCMAKE_CXX_VISIBILITY_PRESET=hidden -DCMAKE_VISIBILITY_INLINES_HIDDEN=ON)

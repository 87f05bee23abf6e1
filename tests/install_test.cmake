# Builds the outside project with an installed websock, by find_package and by pkg-config; with websock as a subproject; as
# FetchContent gets it from a git repository, in a project of one file for all (a unity build); and as a shared library where
# everything is hidden that is not marked. Runs each.
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

# From a repository, as FetchContent gets it.
find_program(GIT git REQUIRED)
set(repository ${WORK}/repository)
file(COPY ${SOURCE}/CMakeLists.txt ${SOURCE}/src DESTINATION ${repository})
run(${GIT} init -q -b main ${repository})
run(${GIT} -C ${repository} add .)
run(${GIT} -C ${repository} -c user.name=test -c user.email=test@localhost commit -q -m websock)
outside(fetched -DWEBSOCK_GIT_REPOSITORY=file://${repository} -DCMAKE_UNITY_BUILD=ON)

# Without CMake.
find_program(PKG_CONFIG pkg-config REQUIRED)
file(GLOB_RECURSE pc ${WORK}/prefix/websock.pc)
cmake_path(GET pc PARENT_PATH pc)
execute_process(COMMAND ${CMAKE_COMMAND} -E env PKG_CONFIG_PATH=${pc} ${PKG_CONFIG} --cflags --libs websock
  OUTPUT_VARIABLE flags COMMAND_ERROR_IS_FATAL ANY)
separate_arguments(flags UNIX_COMMAND "${FLAGS} ${flags}")
set(main ${SOURCE}/tests/outside)
run(${COMPILER} -std=c++20 ${main}/main.cpp -I${main}/other ${flags} -o ${WORK}/by_pkg_config)
run(${WORK}/by_pkg_config)
outside(shared ${subproject} -DBUILD_SHARED_LIBS=ON -DCMAKE_CXX_VISIBILITY_PRESET=hidden -DCMAKE_VISIBILITY_INLINES_HIDDEN=ON)
